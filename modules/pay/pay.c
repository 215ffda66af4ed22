/* SPDX-License-Identifier: Apache-2.0
 * Module pay: opening payments for applicants, and the vendors' notifications. */
#include "modules/pay/pay.h"

static const struct ch_route routes[] = {
    {"POST", "/{slug}/api/pay/orders/{id}", CH_APPLICANT, &pay_open_body, CH_KB(1), CH_TX_EACH, "pay.open", pay_open},
    {"GET", "/{slug}/api/pay/orders/{id}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "pay.state", pay_state},
    {"POST", "/notify/wechatpay", CH_VENDOR, NULL, CH_KB(64), CH_TX_SEVERAL, "pay.notice_wechatpay", pay_notice_wechatpay},
    {0},
};

static const struct ch_stmt *const *const statements[] = {pay_statements, NULL};

static const struct ch_module pay_module = {.name = "pay", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&pay_module, argc, argv);
}
