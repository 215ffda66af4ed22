/* SPDX-License-Identifier: Apache-2.0
 * Module pay: opening payments for applicants. Module notify receives what the vendors report about them. */
#include "modules/pay/pay.h"

#include "own_sql.h"

static const struct ch_route routes[] = {
    {"POST", "/{slug}/api/pay/orders/{id:uuid}", CH_APPLICANT, &pay_open_body, CH_KB(1), CH_TX_EACH, "pay.open", pay_open},
    {"GET", "/{slug}/api/pay/orders/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "pay.state", ch_statement},
    {"POST", "/{slug}/api/pay/orders/{id:uuid}/inside", CH_APPLICANT, &pay_inside_body, CH_KB(1), CH_TX_EACH,
     "pay.inside", pay_inside},
    {"GET", "/{slug}/api/pay/orders/{id:uuid}/transfer", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "pay.transfer", pay_transfer},
    {"POST", "/{slug}/api/pay/orders/{id:uuid}/transfer", CH_APPLICANT, &ch_version_body, CH_KB(1), CH_TX_SINGLE,
     "pay.voucher", pay_voucher},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {pay_statements, own_statements, form_statements, NULL};

static const struct ch_module pay_module = {.name = "pay",
                                            .routes = tables,
                                            .statements = statements,
                                            .keys = CH_KEYS_ORDER | CH_KEYS_PAY | CH_KEYS_NOTICE | CH_KEYS_SESSION,
                                            .needs = CH_NEEDS_NET,
                                            .vendors = true};

int main(int argc, char **argv)
{
    return ch_module_main(&pay_module, argc, argv);
}
