/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PAPER_H
#define MODULE_PAPER_H

#include "core/web/request.h"
#include "paper_sql.h"

/* Two MiB as the guides say (inventory #124); what is larger is refused before it is read. */
#define PAPER_MAX CH_KB(2048)

struct paper_keep_in {
    const char *id; /* of the paper that the person looked at */
};
extern const struct ch_input paper_keep_body;

ch_handler paper_put, paper_get; /* papers.c */
ch_handler paper_voucher_put, paper_voucher_get, paper_voucher_delete; /* vouchers.c */

/* --- upload.c --- */

/* An uploaded file. */
struct paper_file {
    const char *id;      /* of file and row */
    const char *name, *mime; /* mime NULL: neither picture nor PDF */
    struct ch_bytes key; /* encrypted, for the row */
};
/* Where it goes. The route is CH_TX_EACH: `may` is asked before anything is stored, `put` makes the row afterwards, of (id, order,
 * where, name, type, size, hash, key). */
struct paper_way {
    struct ch_call may;
    const struct ch_stmt *put;
    const char *order;
    struct ch_param where;
    const char *key_place; /* core/crypto/ring.h */
};

/* What the request brings. */
void paper_read(struct ch_req *r, struct paper_file *f);
/* Takes it all the way; CH_E_UNAVAILABLE leaves open whether the row is there. */
enum ch_err paper_take(struct ch_req *r, const struct paper_way *way, struct paper_file *f) CH_MUST;
/* The members that every file has. */
void paper_put_file(struct ch_jw *w, const struct ch_req *r, const struct paper_file *f);

#endif
