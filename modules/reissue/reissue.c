/* SPDX-License-Identifier: Apache-2.0
 * Module reissue: a certificate whose medium was lost is made again (介质遗失补办). All of its routes and handlers belong to what kinds of
 * business share that begin with a certificate (core/order/successor.h), and to the flow of all kinds (core/order/flow.h). */
#include "core/order/successor.h"
#include "flow_sql.h"
#include "form_sql.h"
#include "own_sql.h"
#include "successor_sql.h"

static const struct ch_route *const tables[] = {ch_successor_routes, ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {successor_statements, flow_statements, own_statements,
                                                          form_statements, NULL};

static const struct ch_module reissue_module = {.name = "reissue",
                                                .routes = tables,
                                                .statements = statements,
                                                .keys = CH_KEYS_ORDER | CH_KEYS_TICKET | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&reissue_module, argc, argv);
}
