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
    {"GET", "/desk/api/orders/{id}/production", CLERK, NULL, 0, CH_TX_SINGLE, "desk.production", desk_production},
    {"POST", "/desk/api/orders/{id}/produce", CH_PRODUCER, &desk_produce_body, CH_KB(32), CH_TX_SEVERAL, "desk.produce",
     desk_produce},
    {"GET", "/desk/api/orders/{id}/certificate.p12", CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.key_file", desk_key_file},
    {"GET", "/desk/api/orders/{id}/certificate.cer", CLERK, NULL, 0, CH_TX_SINGLE, "desk.certificate", desk_certificate},
    {"GET", "/desk/api/orders/{id}/encryption.cer", CLERK, NULL, 0, CH_TX_SINGLE, "desk.encryption", desk_encryption},
    {"GET", "/desk/api/orders/{id}/chain.p7b", CLERK, NULL, 0, CH_TX_SEVERAL, "desk.chain", desk_chain},
    {"GET", "/desk/api/orders/{id}/encryption.key", CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.enveloped_key",
     desk_enveloped_key},
    {"POST", "/desk/api/orders/{id}/ship", CH_PRODUCER, &desk_ship_body, CH_KB(1), CH_TX_SINGLE, "desk.ship", desk_ship},
    {"GET", "/desk/api/orders/{id}/pin", CH_REVIEWER | CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.pin", desk_pin},
    {"POST", "/desk/api/orders/{id}/pin", CH_REVIEWER | CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.pin_send", desk_pin_send},
    {"POST", "/desk/api/orders/{id}/pin/box", CH_PRODUCER, &desk_pin_box_body, CH_KB(1), CH_TX_SINGLE, "desk.pin_box",
     desk_pin_box},
    {"POST", "/desk/api/orders/{id}/pin/box/{box}", CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.pin_take", desk_pin_take},
    {"GET", "/desk/api/orders/{id}/messages", CLERK, NULL, 0, CH_TX_SINGLE, "desk.messages", desk_messages},
    {"GET", "/desk/api/bills", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.bills", desk_bills},
    {"POST", "/desk/api/bills", CH_FINANCE, &desk_bill_body, CH_KB(1), CH_TX_SINGLE, "desk.bill_want", desk_bill_want},
    {"GET", "/desk/api/bills/{id}", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.bill", desk_bill},
    {"GET", "/desk/api/bills/{id}/differences.csv", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.bill_csv",
     desk_bill_csv},
    {"GET", "/desk/api/certificates", CH_STAFF, NULL, 0, CH_TX_SINGLE, "desk.certificates", desk_certificates},
    {"GET", "/desk/api/orders/{id}/revocations", CLERK, NULL, 0, CH_TX_SINGLE, "desk.order_revocations",
     desk_order_revocations},
    {"POST", "/desk/api/certificates/{id}/revoke", CH_REVIEWER, &desk_revoke_body, CH_KB(8), CH_TX_SINGLE, "desk.revoke",
     desk_revoke},
    {"POST", "/desk/api/certificates/{id}/hold", CLERK, &desk_words_body, CH_KB(8), CH_TX_SINGLE, "desk.hold", desk_hold},
    {"POST", "/desk/api/certificates/{id}/release", CLERK, &desk_words_body, CH_KB(8), CH_TX_SINGLE, "desk.release",
     desk_release},
    {"GET", "/desk/api/revocations", CH_STAFF, NULL, 0, CH_TX_SINGLE, "desk.revocations", desk_revocations},
    {"GET", "/desk/api/revocations.csv", CH_STAFF, NULL, 0, CH_TX_SINGLE, "desk.revocations_csv", desk_revocations_csv},
    {"GET", "/desk/api/revocations/{id}", CH_REVIEWER | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.revocation", desk_revocation},
    {"POST", "/desk/api/revocations/{id}/confirm", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "desk.revocation_confirm",
     desk_revocation_confirm},
    {"POST", "/desk/api/revocations/{id}/refuse", CH_REVIEWER, &desk_words_body, CH_KB(8), CH_TX_SINGLE,
     "desk.revocation_refuse", desk_revocation_refuse},
    {"POST", "/desk/api/revocations/{id}/withdraw", CH_REVIEWER, NULL, 0, CH_TX_SINGLE, "desk.revocation_withdraw",
     desk_revocation_withdraw},
    {"GET", "/desk/api/vendors", CH_FINANCE | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.vendors", desk_vendors},
    {"GET", "/desk/api/seals", CH_REVIEWER | CH_PRODUCER | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.seals", desk_seals},
    {"GET", "/desk/api/seals/filing.csv", CH_REVIEWER | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.seal_filing",
     desk_seal_filing},
    {"GET", "/desk/api/seals/{id}/seal.esl", CH_REVIEWER | CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.seal_file",
     desk_seal_file},
    {"GET", "/desk/api/seals/{id}/picture.png", CH_REVIEWER | CH_PRODUCER | OVERSEER, NULL, 0, CH_TX_SINGLE,
     "desk.seal_picture", desk_seal_picture},
    {"POST", "/desk/api/seals/{id}/withdraw", CH_REVIEWER, &desk_seal_withdraw_body, CH_KB(2), CH_TX_SINGLE,
     "desk.seal_withdraw", desk_seal_withdraw},
    {"GET", "/desk/api/orders/{id}/stamp", CLERK, NULL, 0, CH_TX_SINGLE, "desk.stamp", desk_stamp},
    {"GET", "/desk/api/orders/{id}/stamp.png", CH_REVIEWER | CH_PRODUCER, NULL, 0, CH_TX_SINGLE, "desk.stamp_picture",
     desk_stamp_picture},
    {"GET", "/desk/api/audit", OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.audit", desk_audit},
    {"GET", "/desk/api/authority", CH_REVIEWER | OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.authority", desk_authority},
    {"GET", "/desk/api/outbox", OVERSEER, NULL, 0, CH_TX_SINGLE, "desk.outbox", desk_outbox},
    {0},
};

static const struct ch_stmt *const *const statements[] = {desk_statements, hall_statements, NULL};

static const struct ch_module desk_module = {.name = "desk", .routes = routes, .statements = statements};

int main(int argc, char **argv)
{
    return ch_module_main(&desk_module, argc, argv);
}
