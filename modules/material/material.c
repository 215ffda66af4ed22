/* SPDX-License-Identifier: Apache-2.0
 * Module material: uploaded papers. The only program that reads and writes the store for applicants. */
#include "modules/material/material.h"

static const struct ch_route routes[] = {
    {"PUT", "/{slug}/api/material/orders/{id:uuid}/{code}", CH_APPLICANT, NULL, MATERIAL_MAX, CH_TX_EACH, "material.put",
     material_put},
    {"GET", "/{slug}/api/material/orders/{id:uuid}/{code}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "material.get", material_get},
    {"DELETE", "/{slug}/api/material/orders/{id:uuid}/{code}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "material.delete",
     ch_statement},
    {"POST", "/{slug}/api/material/orders/{id:uuid}/{code}/keep", CH_APPLICANT, &material_keep_body, CH_KB(1), CH_TX_SINGLE,
     "material.keep", ch_statement},
    {"PUT", "/{slug}/api/material/vouchers/{id:uuid}/{slot}", CH_APPLICANT, NULL, MATERIAL_MAX, CH_TX_EACH, "material.voucher_put",
     material_voucher_put},
    {"GET", "/{slug}/api/material/vouchers/{id:uuid}/{slot}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "material.voucher",
     material_voucher_get},
    {"DELETE", "/{slug}/api/material/vouchers/{id:uuid}/{slot}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "material.voucher_delete",
     material_voucher_delete},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {material_statements, NULL};

static const struct ch_module material_module = {.name = "material", .routes = tables, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&material_module, argc, argv);
}
