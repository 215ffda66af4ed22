/* SPDX-License-Identifier: Apache-2.0
 * Module renew: a certificate goes on after its end (证书更新). What it does as a reissue does is in core/order/successor.h, and the rest of
 * the application in the flow of all kinds (core/order/flow.h); its own are that an order takes several certificates, the page that a
 * reminder leads to, and the old certificates' last day. */
#include "modules/renew/renew.h"

#include "flow_sql.h"
#include "form_sql.h"
#include "own_sql.h"
#include "renew_sql.h"
#include "successor_sql.h"

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/renew/window", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "renew.window", renew_window},
    {"PUT", "/{slug}/api/renew/orders/{id:uuid}/last-day", CH_APPLICANT, &renew_day_body, CH_KB(1), CH_TX_SINGLE,
     "renew.day", renew_day},
    {"POST", "/{slug}/api/renew/orders", CH_APPLICANT, &renew_create_body, CH_KB(8), CH_TX_EACH, "renew.create",
     ch_successor_create},
    {0},
};

static const struct ch_route *const tables[] = {routes, ch_successor_routes, ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {renew_statements, successor_statements, flow_statements,
                                                          own_statements,   form_statements,      NULL};

static const struct ch_module renew_module = {.name = "renew",
                                              .routes = tables,
                                              .statements = statements,
                                              .keys = CH_KEYS_ORDER | CH_KEYS_TICKET | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&renew_module, argc, argv);
}
