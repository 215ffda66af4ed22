/* SPDX-License-Identifier: Apache-2.0
 * The bodies of the flow's requests. */
#include "core/order/flow_private.h"

static const struct ch_field agreement_fields[] = {
    CH_IN_TEXT(struct ch_flow_agreement_in, code, CH_REQUIRED, 1, 64, NULL),
    CH_IN_TEXT(struct ch_flow_agreement_in, version, CH_REQUIRED, 1, 32, NULL),
};
const struct ch_input ch_flow_agreement = CH_INPUT(struct ch_flow_agreement_in, agreement_fields);

static const struct ch_field create_fields[] = {
    CH_IN_LIST(struct ch_flow_create_in, agreements, CH_REQUIRED, 0, 16, &ch_flow_agreement),
    CH_IN_MAYBE(struct ch_flow_create_in, seal_wanted),
    CH_IN_TEXT(struct ch_flow_create_in, ticket, CH_OPTIONAL, 1, 64, NULL),
};
const struct ch_input ch_flow_create_body = CH_INPUT(struct ch_flow_create_in, create_fields);

static const struct ch_field save_fields[] = {
    CH_IN_INT(struct ch_flow_save_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_BOOL(struct ch_flow_save_in, complete, CH_REQUIRED),
    CH_IN_OBJECT(struct ch_flow_save_in, form, CH_REQUIRED),
};
const struct ch_input ch_flow_save_body = CH_INPUT(struct ch_flow_save_in, save_fields);
