/* SPDX-License-Identifier: Apache-2.0
 * Module change: what is on file about a certificate changes (信息变更). What it does as a reissue does is in core/order/successor.h, and
 * the rest of the application in the flow of all kinds (core/order/flow.h); its own are the choice of what changes, and that nothing else
 * does. */
#include "modules/change/change.h"

#include "change_sql.h"
#include "flow_sql.h"
#include "form_sql.h"
#include "own_sql.h"
#include "successor_sql.h"

static const struct ch_route routes[] = {
    {"POST", "/{slug}/api/change/orders", CH_APPLICANT, &change_create_body, CH_KB(4), CH_TX_EACH, "change.create",
     change_create},
    {"PUT", "/{slug}/api/change/orders/{id:uuid}/form", CH_APPLICANT, &ch_flow_save_body, CH_KB(32), CH_TX_SEVERAL,
     "change.save", change_save},
    {0},
};

static const struct ch_route *const tables[] = {routes, ch_successor_routes, ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {change_statements, successor_statements, flow_statements,
                                                          own_statements,    form_statements,      NULL};

static const struct ch_module change_module = {.name = "change",
                                               .routes = tables,
                                               .statements = statements,
                                               .keys = CH_KEYS_ORDER | CH_KEYS_TICKET | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&change_module, argc, argv);
}
