/* SPDX-License-Identifier: Apache-2.0
 * Module office of the back office: log-in of staff, messages to applicants, and what auditors and administrators oversee. Its
 * table of routes. */
#include "modules/office/office.h"

static const struct ch_route routes[] = {
    {"GET", "/desk/api/office/orders/{id:uuid}/messages", CH_OF_ORDER, NULL, 0, CH_TX_SINGLE, "office.messages", ch_statement},
    {"GET", "/desk/api/office/vendors", CH_FINANCE | CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.vendors", office_vendors},
    {"POST", "/desk/api/office/messages/{id:uuid}/send", CH_CLERK, NULL, 0, CH_TX_SINGLE, "office.message_send", ch_statement},
    {"GET", "/desk/api/office/partners", CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.partners", ch_statement},
    {"GET", "/desk/api/office/reports/orders", CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.report", office_report_json},
    {"GET", "/desk/api/office/reports/orders.csv", CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.report_csv", office_report_csv},
    {"GET", "/desk/api/office/calendar", CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.calendar", office_calendar},
    {"PUT", "/desk/api/office/calendar", CH_ADMIN, &office_calendar_body, CH_KB(16), CH_TX_SINGLE,
     "office.calendar_put", office_calendar_put},
    {"GET", "/desk/api/office/audit", CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.audit", office_audit},
    {"GET", "/desk/api/office/outbox", CH_OVERSEER, NULL, 0, CH_TX_SINGLE, "office.outbox", office_outbox},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {office_statements, NULL};

static const struct ch_module office_module = {
    .name = "office", .routes = tables, .statements = statements, .keys = CH_KEYS_SESSION, .vendors = true};

int main(int argc, char **argv)
{
    return ch_module_main(&office_module, argc, argv);
}
