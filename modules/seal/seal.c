/* SPDX-License-Identifier: Apache-2.0
 * Module seal: electronic seals as a product. It uses the flow that every kind of business shares (core/order/flow.h), with a form
 * of several items; a printed paper and the description of the product are its own. */
#include "modules/seal/seal.h"

#include "flow_sql.h"
#include "form_sql.h"
#include "own_sql.h"

static const struct ch_route routes[] = {
    {"GET", "/{slug}/api/seal/product", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "seal.product", ch_statement},
    {"GET", "/{slug}/api/seal/orders/{id:uuid}/annex.pdf", CH_APPLICANT, NULL, 0, CH_TX_EACH, "seal.annex", seal_annex},
    {0},
};

static const struct ch_route *const tables[] = {routes, ch_flow_routes, NULL};
static const struct ch_stmt *const *const statements[] = {flow_statements, seal_statements, own_statements,
                                                          form_statements, NULL};

static const struct ch_module seal_module = {.name = "seal",
                                             .routes = tables,
                                             .statements = statements,
                                             .keys = CH_KEYS_ORDER | CH_KEYS_TICKET | CH_KEYS_FIND | CH_KEYS_SESSION};

int main(int argc, char **argv)
{
    return ch_module_main(&seal_module, argc, argv);
}
