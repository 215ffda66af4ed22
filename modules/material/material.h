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

ch_handler material_put, material_get, material_delete, material_keep; /* papers.c */
ch_handler material_voucher_put, material_voucher_get, material_voucher_delete; /* vouchers.c */

/* The file's name as the person knows it (?name=), or a word in its place; only ever shown. */
const char *material_file_name(struct ch_req *r);
/* What a file is, judged by its bytes; refused when it is empty or no picture or PDF. */
enum ch_err material_kind(struct ch_req *r, const char **mime) CH_MUST;

#endif
