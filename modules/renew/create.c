/* SPDX-License-Identifier: Apache-2.0
 * What a draft begins with: the certificates that are renewed together. */
#include "modules/renew/renew.h"

#include "core/form/rule.h"

/* As many as a form has items (form.tbl): a package of tokens, and a printed form and a review that people can still go through. */
enum { MOST = 40 };

static const struct ch_field create_fields[] = {
    CH_IN_LIST(struct ch_successor_create_in, agreements, CH_REQUIRED, 0, 16, &ch_flow_agreement),
    CH_IN_LIST(struct ch_successor_create_in, certificates, CH_REQUIRED, 1, MOST, &ch_successor_find_body),
    CH_IN_TEXT(struct ch_successor_create_in, code, CH_OPTIONAL, 1, 32, NULL),
    CH_IN_TEXT(struct ch_successor_create_in, holder_id, CH_OPTIONAL, 1, 32, NULL),
};
const struct ch_input renew_create_body = CH_INPUT(struct ch_successor_create_in, create_fields);
