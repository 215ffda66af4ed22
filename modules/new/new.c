/* SPDX-License-Identifier: Apache-2.0
 * Module new: a new application, from the agreements to the submission. All of its routes and handlers belong to the flow
 * that every kind of business shares (core/order/flow.h); README.md describes the way through it. */
#include "core/order/flow.h"
#include "flow_sql.h"
#include "form_sql.h"
#include "own_sql.h"

static const struct ch_route *const tables[] = {ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {flow_statements, own_statements, form_statements, NULL};

static const struct ch_module new_module = {.name = "new",
                                            .routes = tables,
                                            .statements = statements,
                                            .keys = CH_KEYS_ORDER | CH_KEYS_TICKET | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&new_module, argc, argv);
}
