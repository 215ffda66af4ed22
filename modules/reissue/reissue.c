/* SPDX-License-Identifier: Apache-2.0
 * Module reissue: a certificate whose medium was lost is made again. Four routes are its own: the account's own certificates, finding one, a draft
 * that begins with the certificate's data, and saving a form in which these data stay. The rest is the flow that every kind of
 * business shares (core/order/flow.h). */
#include "modules/reissue/reissue.h"

#include "flow_sql.h"
#include "own_sql.h"

/* The last two replace routes of the flow: here a draft begins with a certificate, and its data cannot be changed. */
static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/reissue/certificates", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "reissue.own", ch_statement},
    {"POST", "/{slug}/api/reissue/certificate", CH_APPLICANT, &reissue_find_body, CH_KB(1), CH_TX_SINGLE,
     "reissue.find", reissue_find},
    {"POST", "/{slug}/api/reissue/orders", CH_APPLICANT, &reissue_create_body, CH_KB(4), CH_TX_EACH, "reissue.create",
     reissue_create},
    {"PUT", "/{slug}/api/reissue/orders/{id:uuid}/form", CH_APPLICANT, &ch_flow_save_body, CH_KB(32), CH_TX_SEVERAL,
     "reissue.save", reissue_save},
    {0},
};

static const struct ch_route *const tables[] = {routes, ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {reissue_statements, flow_statements, own_statements,
                                                          form_statements, NULL};

static const struct ch_module reissue_module = {.name = "reissue",
                                                .routes = tables,
                                                .statements = statements,
                                                .keys = CH_KEYS_ORDER | CH_KEYS_TICKET | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&reissue_module, argc, argv);
}
