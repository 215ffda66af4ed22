/* SPDX-License-Identifier: Apache-2.0
 * Module notify: the reports that outside services send by themselves. Its table of routes. */
#include "modules/notify/notify.h"

static const struct ch_route routes[] = {
/* "/notify/alipay", "notify.alipay" */
#define CH_PAY_WAY(word) \
    {"POST", NOTIFY_PATH #word, CH_VENDOR, NULL, CH_KB(64), CH_TX_SINGLE, "notify." #word, notify_payment},
#include "core/gateway/vendor_all.tbl"
    {"POST", NOTIFY_PATH "sms/{word}", CH_VENDOR, NULL, CH_KB(256), CH_TX_SEVERAL, "notify.sms", notify_sms},
    {"POST", NOTIFY_PATH "nuonuo", CH_VENDOR, NULL, CH_KB(64), CH_TX_SINGLE, "notify.nuonuo", notify_nuonuo},
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
