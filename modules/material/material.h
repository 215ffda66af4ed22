/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_MATERIAL_H
#define MODULE_MATERIAL_H

#include "core/web/request.h"
#include "material_sql.h"

/* Two MiB as the guides say (inventory #124); what is larger is refused before it is read. */
#define MATERIAL_MAX CH_KB(2048)

struct material_keep_in {
    const char *id; /* of the paper that the person looked at */
};
extern const struct ch_input material_keep_body;

ch_handler material_put, material_get; /* papers.c */
ch_handler material_voucher_put, material_voucher_get, material_voucher_delete; /* vouchers.c */

/* --- upload.c --- */

/* An uploaded file. */
struct material_file {
    const char *id;      /* of file and row */
    const char *name, *mime; /* mime NULL: neither picture nor PDF */
    struct ch_bytes key; /* sealed, for the row */
};
/* Where it goes. The route is CH_TX_EACH: `may` is asked before anything is stored, `put` makes the row afterwards, of (id, order,
 * where, name, type, size, hash, key). */
struct material_way {
    struct ch_call may;
    const struct ch_stmt *put;
    const char *order;
    struct ch_param where;
    const char *key_place; /* core/crypto/seal.h */
};

/* What the request brings. */
void material_read(struct ch_req *r, struct material_file *f);
/* Takes it all the way; CH_E_UNAVAILABLE leaves open whether the row is there. */
enum ch_err material_take(struct ch_req *r, const struct material_way *way, struct material_file *f) CH_MUST;
/* The members that every file has. */
void material_put_file(struct ch_jw *w, const struct ch_req *r, const struct material_file *f);

#endif
