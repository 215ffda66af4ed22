/* SPDX-License-Identifier: Apache-2.0
 * Module reissue: a certificate whose medium was lost is made again. Its own are the look at the certificate, the draft that
 * begins with what stands in it, and a form in which that stays; the rest is the flow of every kind of business. */
#include "modules/reissue/reissue.h"

#include "flow_sql.h"
#include "own_sql.h"

#define OF(verb, rest, body, cap, tx, what, handle) CH_FLOW_ROUTE(verb, "reissue", rest, body, cap, tx, what, handle)

static const struct ch_route routes[] = {
    OF("GET", "setup", NULL, 0, CH_TX_SINGLE, "setup", ch_flow_setup),
    OF("POST", "certificate", &reissue_find_body, CH_KB(1), CH_TX_SINGLE, "find", reissue_find),
    OF("POST", "orders", &reissue_create_body, CH_KB(4), CH_TX_EACH, "create", reissue_create),
    OF("PUT", "orders/{id:uuid}/form", &ch_flow_save_body, CH_KB(32), CH_TX_SEVERAL, "save", reissue_save),
    OF("GET", "orders/{id:uuid}/form.pdf", NULL, 0, CH_TX_EACH, "print", ch_flow_print),
    OF("POST", "orders/{id:uuid}/submit", &ch_version_body, CH_KB(1), CH_TX_SEVERAL, "submit", ch_flow_submit),
    OF("POST", "orders/{id:uuid}/edit", &ch_version_body, CH_KB(1), CH_TX_SINGLE, "edit", ch_flow_edit),
    OF("POST", "orders/{id:uuid}/resubmit", &ch_version_body, CH_KB(1), CH_TX_SINGLE, "resubmit", ch_flow_resubmit),
    {0},
};

static const struct ch_stmt *const *const statements[] = {reissue_statements, flow_statements, own_statements, form_statements, NULL};

static const struct ch_module reissue_module = {.name = "reissue", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&reissue_module, argc, argv);
}
