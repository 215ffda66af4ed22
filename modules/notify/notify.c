/* SPDX-License-Identifier: Apache-2.0
 * Module notify: the reports that outside services send by themselves. Its table of routes. */
#include "modules/notify/notify.h"

static const struct ch_route routes[] = {
    {"POST", "/notify/wechatpay", CH_VENDOR, NULL, CH_KB(64), CH_TX_SINGLE, "notify.wechatpay", notify_wechatpay},
    {"POST", "/notify/alipay", CH_VENDOR, NULL, CH_KB(64), CH_TX_SINGLE, "notify.alipay", notify_alipay},
    {"POST", "/notify/sms/{word}", CH_VENDOR, NULL, CH_KB(256), CH_TX_SEVERAL, "notify.sms", notify_sms},
    {"POST", "/notify/nuonuo", CH_VENDOR, NULL, CH_KB(64), CH_TX_SINGLE, "notify.nuonuo", notify_nuonuo},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {notify_statements, NULL};

static const struct ch_module notify_module = {
    .name = "notify", .routes = tables, .statements = statements, .keys = CH_KEYS_NOTICE, .needs = CH_NEEDS_NET, .vendors = true};

int main(int argc, char **argv)
{
    return ch_module_main(&notify_module, argc, argv);
}
