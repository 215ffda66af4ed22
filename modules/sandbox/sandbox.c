/* SPDX-License-Identifier: Apache-2.0
 * Module sandbox: the outside services' side, for development, tests and newcomers. See README.md.
 *
 * Unless setting sandbox is on and production is off, the table of routes is empty and nothing answers. */
#include "modules/sandbox/sandbox.h"

#include "core/base/config.h"
#include "modules/sandbox/register.h"
#include "sandbox_courier_sql.h"

/* The newcomer's pages. */
static const struct ch_route routes[] = {
    {"POST", "/sandbox/api/scan", CH_PUBLIC, &sandbox_scan_body, CH_KB(8), CH_TX_NONE, "sandbox.scan", sandbox_scan},
    {"GET", "/sandbox/api/cashier/{pr}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.cashier", sandbox_cashier},
    {"POST", "/sandbox/api/cashier/{pr}/pay", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.cashier_pay",
     sandbox_cashier_pay},
    {"GET", "/sandbox/api/person", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.person", sandbox_person},
    {"GET", "/sandbox/api/papers/{kind}", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.paper", sandbox_paper},
    {"POST", "/sandbox/api/papers/{kind}", CH_PUBLIC, NULL, SANDBOX_PICTURE, CH_TX_NONE, "sandbox.paper_scan",
     sandbox_paper_scan},
    {"GET", "/sandbox/api/switches", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.switches", sandbox_switches},
    {"PUT", "/sandbox/api/switches", CH_PUBLIC, &sandbox_switches_body, CH_KB(8), CH_TX_SEVERAL, "sandbox.switches_set",
     sandbox_switches_set},
    {0},
};

static const struct ch_route *const tables[] = {
    routes,
#define SANDBOX_ROUTES(table) table,
#include "modules/sandbox/vendor_all.tbl"
    NULL,
};
static const struct ch_stmt *const *const statements[] = {
    sandbox_statements,
    sandbox_courier_statements,
#define SANDBOX_STATEMENTS(list) list,
#include "modules/sandbox/vendor_all.tbl"
    NULL,
};

static const struct ch_module on = {.name = "sandbox",
                                    .routes = tables,
                                    .statements = statements,
                                    .sandbox_db = true,
                                    .needs = CH_NEEDS_EXEC,
                                    .start = sandbox_register_load};
static const struct ch_module off = {.name = "sandbox", .sandbox_db = true};

int main(int argc, char **argv)
{
    bool asked = argc > 1; /* of itself, which needs no settings */
    bool open = asked || (ch_config_load() && ch_conf_bool(CONF_SANDBOX) && !ch_conf_bool(CONF_PRODUCTION));

    return ch_module_main(open ? &on : &off, argc, argv);
}
