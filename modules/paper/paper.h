/* SPDX-License-Identifier: Apache-2.0
 * Module paper: the papers and vouchers that applicants upload. This header declares the request bodies, handlers and helpers
 * that its files share. */
#ifndef MODULE_PAPER_H
#define MODULE_PAPER_H

#include "core/web/request.h"
#include "paper_sql.h"

/* The guides allow two MiB (inventory #124). A larger body is refused before it is read. */
#define PAPER_MAX CH_KB(2048)

struct paper_keep_in {
    const char *id; /* of the paper that the person has seen: a paper that was uploaded since is not meant */
};
extern const struct ch_input paper_keep_body;

ch_handler paper_put, paper_get, paper_delete;                         /* papers.c */
ch_handler paper_link, paper_phone;                                    /* phone.c */
ch_handler paper_voucher_put, paper_voucher_get, paper_voucher_delete; /* vouchers.c */

/* --- upload.c --- */

/* An uploaded file, and what paper_store makes of it for its row. */
struct paper_file {
    const char *id;          /* of the file in the store and of its row */
    const char *name, *mime; /* mime is NULL if the file is neither a picture nor a PDF */
    struct ch_param size, hash;
    struct ch_bytes key; /* the file's key, encrypted */
};
/* Where the file goes. The route must be CH_TX_EACH: the statement `may` checks before anything is stored whether the upload is
 * allowed. */
struct paper_way {
    struct ch_call may;
    const char *order;
    const char *key_place; /* the place that the file's key is encrypted for (core/crypto/ring.h) */
};

/* Reads name and type of the file that the request carries. */
void paper_read(struct ch_req *r, struct paper_file *f);
/* Checks the file and stores it. */
enum ch_err paper_store(struct ch_req *r, const struct paper_way *way, struct paper_file *f) CH_MUST;
/* Makes the row of a stored file with `put`, which checks everything once more, as the order may have changed meanwhile; the file of
 * a row that is refused is deleted. `made`: the row that the statement answers, or NULL. After CH_E_UNAVAILABLE it is unknown whether the row exists. */
enum ch_err paper_keep_row(struct ch_req *r, const struct paper_file *f, struct ch_call put, struct ch_rows *made) CH_MUST;
/* Writes the JSON members that papers and vouchers have in common. */
void paper_put_file(struct ch_jw *w, const struct ch_req *r, const struct paper_file *f);

#endif
