/* SPDX-License-Identifier: Apache-2.0
 * Module counter of the back office. Its table of routes. */
#include "modules/counter/counter.h"

#include "core/paper/upload.h"
#include "form_sql.h"

#define APPOINTMENTS "/desk/api/counter/appointments"

static const struct ch_route routes[] = {
    {"GET", APPOINTMENTS, CH_OUTLET, NULL, 0, CH_TX_SINGLE, "counter.list", counter_list},
    {"GET", APPOINTMENTS "/{id:uuid}", CH_OUTLET, NULL, 0, CH_TX_SINGLE, "counter.read", counter_read},
    {"PUT", APPOINTMENTS "/{id:uuid}/pictures/{side}", CH_OUTLET, NULL, CH_UPLOAD_MAX, CH_TX_EACH,
     "counter.picture_put", counter_picture_put},
    {"GET", APPOINTMENTS "/{id:uuid}/pictures/{side}", CH_OUTLET, NULL, 0, CH_TX_SINGLE, "counter.picture", counter_picture},
    {"POST", APPOINTMENTS "/{id:uuid}/pass/statement", CH_OUTLET, &counter_pass_asked, CH_KB(1), CH_TX_SEVERAL,
     "counter.pass_statement", counter_pass_statement},
    {"POST", APPOINTMENTS "/{id:uuid}/pass", CH_OUTLET, &counter_pass_body, CH_KB(8), CH_TX_SEVERAL, "counter.pass",
     counter_pass},
    {"POST", APPOINTMENTS "/{id:uuid}/refuse/statement", CH_OUTLET, &counter_refuse_asked, CH_KB(1), CH_TX_SINGLE,
     "counter.refuse_statement", counter_refuse_statement},
    {"POST", APPOINTMENTS "/{id:uuid}/refuse", CH_OUTLET, &counter_refuse_body, CH_KB(8), CH_TX_SEVERAL,
     "counter.refuse", counter_refuse},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {counter_statements, form_statements, NULL};

static const struct ch_module counter_module = {.name = "counter",
                                                .routes = tables,
                                                .statements = statements,
                                                .keys = CH_KEYS_ORDER | CH_KEYS_PAPER | CH_KEYS_ACT | CH_KEYS_SESSION |
                                                        CH_KEYS_BUCKET,
                                                .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&counter_module, argc, argv);
}
