/* SPDX-License-Identifier: Apache-2.0
 * Module desk: the staff's back office. Reviewers decide, producers make and ship, auditors and administrators look. */
#include "modules/desk/desk.h"

#define CLERK (CH_REVIEWER | CH_FINANCE | CH_PRODUCER)
#define OVERSEER (CH_AUDITOR | CH_ADMIN)

static const struct ch_route routes[] = {
    {"POST", "/desk/api/login", CH_PUBLIC, &desk_login_body, CH_KB(1), CH_TX_SINGLE, "desk.login", desk_login},
    {"POST", "/desk/api/logout", CH_STAFF, NULL, 0, CH_TX_SINGLE, "desk.logout", desk_logout},
    {"GET", "/desk/api/session", CH_STAFF, NULL, 0, CH_TX_SINGLE, "desk.session", desk_session},
    {"GET", "/desk/api/orders", CLERK, NULL, 0, CH_TX_SINGLE, "desk.list", desk_list},
    {"GET", "/desk/api/orders/{id}", CLERK, NULL, 0, CH_TX_SEVERAL, "desk.read", desk_read},
    {"GET", "/desk/api/orders/{id}/materials/{code}", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "desk.material", desk_material},
    {"POST", "/desk/api/orders/{id}/approve", CH_REVIEWER, &desk_approve_body, CH_KB(4), CH_TX_SINGLE, "desk.approve",
     desk_approve},
    {"POST", "/desk/api/orders/{id}/reject", CH_REVIEWER, &desk_reject_body, CH_KB(16), CH_TX_SINGLE, "desk.reject",
     desk_reject},
    {"POST", "/desk/api/orders/{id}/produce", CH_PRODUCER, &ch_version_body, CH_KB(1), CH_TX_SINGLE, "desk.produce",
     desk_produce},
    {"GET", "/desk/api/orders/{id}/certificate.p12", CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.key_file", desk_key_file},
    {"GET", "/desk/api/orders/{id}/certificate.cer", CLERK, NULL, 0, CH_TX_SINGLE, "desk.certificate", desk_certificate},
    {"POST", "/desk/api/orders/{id}/ship", CH_PRODUCER, &desk_ship_body, CH_KB(1), CH_TX_SINGLE, "desk.ship", desk_ship},
    {"GET", "/desk/api/orders/{id}/messages", CLERK, NULL, 0, CH_TX_SINGLE, "desk.messages", desk_messages},
    {"GET", "/desk/api/bills", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.bills", desk_bills},
    {"POST", "/desk/api/bills", CH_FINANCE, &desk_bill_body, CH_KB(1), CH_TX_SINGLE, "desk.bill_want", desk_bill_want},
    {"GET", "/desk/api/bills/{id}", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.bill", desk_bill},
    {"GET", "/desk/api/bills/{id}/differences.csv", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.bill_csv",
     desk_bill_csv},
    {"GET", "/desk/api/vendors", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.vendors", desk_vendors},
    {"GET", "/desk/api/audit", OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.audit", desk_audit},
    {"GET", "/desk/api/outbox", OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.outbox", desk_outbox},
    {0},
};

static const struct ch_stmt *const *const statements[] = {desk_statements, hall_statements, NULL};

static const struct ch_module desk_module = {.name = "desk", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&desk_module, argc, argv);
}
