/* SPDX-License-Identifier: Apache-2.0
 * Module paper: the papers and vouchers that applicants upload. This header declares the request bodies, handlers and helpers
 * that its files share. */
#ifndef MODULE_PAPER_H
#define MODULE_PAPER_H

#include "core/paper/upload.h"
#include "paper_sql.h"

struct paper_keep_in {
    const char *id; /* of the paper that the person has seen: a paper that was uploaded since is not meant */
};
extern const struct ch_input paper_keep_body;

ch_handler paper_put, paper_get, paper_delete;                         /* papers.c */
ch_handler paper_link, paper_phone;                                    /* phone.c */
ch_handler paper_voucher_put, paper_voucher_get, paper_voucher_delete; /* vouchers.c */

/* --- upload.c --- */

/* Where the file goes. The route must be CH_TX_EACH: the statement `may` checks before anything is stored whether the upload is
 * allowed. */
struct paper_way {
    struct ch_call may;
    const char *order;
    const char *key_place; /* the place that the file's key is encrypted for (core/crypto/ring.h) */
};

/* Asks whether it may be uploaded, checks the file and stores it. */
enum ch_err paper_store(struct ch_req *r, const struct paper_way *way, struct ch_upload *f) CH_MUST;

#endif
