/* SPDX-License-Identifier: Apache-2.0
 * Module partner: the requests of a partner's platform, server to server. Every request is signed; docs/partners.md explains to
 * the platform's developers how. */
#include "modules/partner/partner.h"

#include "form_sql.h"
#include "receipt_sql.h"

static const struct ch_route routes[] = {
    {"POST", "/partner/api/tickets", CH_VENDOR, NULL, CH_KB(16), CH_TX_SINGLE, "partner.ticket", partner_ticket},
    {"GET", "/partner/api/orders", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "partner.orders", partner_orders},
    {"GET", "/partner/api/orders/{number}/receipt.json", CH_VENDOR, NULL, 0, CH_TX_SEVERAL, "partner.receipt",
     partner_receipt},
    {"GET", "/partner/api/reports/orders", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "partner.report", partner_report_json},
    {"GET", "/partner/api/reports/orders.csv", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "partner.report_csv", partner_report_csv},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {partner_statements, form_statements, receipt_statements, NULL};

static const struct ch_module partner_module = {
    .name = "partner", .routes = tables, .statements = statements, .keys = CH_KEYS_PARTNER | CH_KEYS_TICKET | CH_KEYS_FIND};

int main(int argc, char **argv)
{
    return ch_module_main(&partner_module, argc, argv);
}
