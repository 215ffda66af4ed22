/* SPDX-License-Identifier: Apache-2.0
 * The routes of the flow. {module} is replaced by the name of the module, which is the kind of business. */
#include "core/order/flow.h"

const struct ch_route ch_flow_routes[] = {
    {"GET", "/{slug}/api/{module}/setup", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "{module}.setup", ch_flow_setup},
    {"POST", "/{slug}/api/{module}/orders", CH_APPLICANT, &ch_flow_create_body, CH_KB(4), CH_TX_SINGLE,
     "{module}.create", ch_flow_create},
    {"PUT", "/{slug}/api/{module}/orders/{id:uuid}/form", CH_APPLICANT, &ch_flow_save_body, CH_KB(32), CH_TX_SINGLE,
     "{module}.save", ch_flow_save},
    {"GET", "/{slug}/api/{module}/orders/{id:uuid}/form.pdf", CH_APPLICANT, NULL, 0, CH_TX_EACH, "{module}.print",
     ch_flow_print},
    {"GET", "/{slug}/api/{module}/orders/{id:uuid}/collection.pdf", CH_APPLICANT, NULL, 0, CH_TX_EACH,
     "{module}.collection", ch_flow_collection},
    {"POST", "/{slug}/api/{module}/orders/{id:uuid}/submit", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SEVERAL,
     "{module}.submit", ch_flow_submit},
    {"POST", "/{slug}/api/{module}/orders/{id:uuid}/edit", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "{module}.edit", ch_flow_edit},
    {"POST", "/{slug}/api/{module}/orders/{id:uuid}/resubmit", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "{module}.resubmit", ch_flow_resubmit},
    {0},
};
