/* SPDX-License-Identifier: Apache-2.0
 * Module identity: phone authentication. The PC makes a link and waits; the phone that scans it takes both sides of the ID
 * card, and passes the vendor's liveness check or transfers 0.01 yuan from the person's own bank account. This module compares the card
 * with the form; the runner asks the carrier, and fetches the result of the liveness check and what has come in at the bank. */
#include "modules/identity/identity.h"

#define CARD_MAX CH_KB(2048)

static const struct ch_route routes[] = {
    {"POST", "/{slug}/api/identity/orders/{id:uuid}/link", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "identity.link",
     identity_link},
    {"GET", "/{slug}/api/identity/orders/{id:uuid}", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "identity.state", identity_state},
    {"PUT", "/{slug}/api/identity/orders/{id:uuid}/card", CH_APPLICANT, NULL, CARD_MAX, CH_TX_EACH,
     "identity.form_card", identity_form_card},
    {"GET", "/{slug}/api/identity/orders/{id:uuid}/unlock", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "identity.unlocks",
     ch_statement},
    {"POST", "/{slug}/api/identity/orders/{id:uuid}/unlock", CH_APPLICANT, &identity_unlock_body, CH_KB(1),
     CH_TX_SINGLE, "identity.unlock", identity_unlock},
    {"GET", "/{slug}/api/identity/orders/{id:uuid}/revoke", CH_APPLICANT, NULL, 0, CH_TX_SINGLE, "identity.revocables",
     ch_statement},
    {"POST", "/{slug}/api/identity/orders/{id:uuid}/revoke", CH_APPLICANT, &identity_revoke_body, CH_KB(1),
     CH_TX_SEVERAL, "identity.revoke", identity_revoke},
    {"GET", "/{slug}/api/identity/orders/{id:uuid}/appointment", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "identity.appointment", identity_appointment},
    {"PUT", "/{slug}/api/identity/orders/{id:uuid}/appointment", CH_APPLICANT, &identity_appointment_body, CH_KB(1),
     CH_TX_SINGLE, "identity.appointment_put", identity_appointment_put},
    {"DELETE", "/{slug}/api/identity/orders/{id:uuid}/appointment", CH_APPLICANT, NULL, 0, CH_TX_SINGLE,
     "identity.appointment_cancel", identity_appointment_cancel},
    {"POST", "/{slug}/api/identity/loss", CH_PUBLIC, &identity_loss_body, CH_KB(1), CH_TX_SEVERAL, "identity.loss",
     identity_loss},
    {"GET", "/{slug}/api/identity/phone", CH_PHONE, NULL, 0, CH_TX_SINGLE, "identity.phone", identity_phone},
    {"POST", "/{slug}/api/identity/phone/arrival", CH_PHONE, NULL, 0, CH_TX_SINGLE, "identity.arrival", identity_arrival},
    {"POST", "/{slug}/api/identity/phone/consent", CH_PHONE, &identity_consent_body, CH_KB(1), CH_TX_SINGLE,
     "identity.consent", identity_consent},
    {"POST", "/{slug}/api/identity/phone/transfer", CH_PHONE, NULL, 0, CH_TX_SINGLE, "identity.transfer", identity_transfer},
    {"GET", "/{slug}/api/identity/phone/appointment", CH_PHONE, NULL, 0, CH_TX_SINGLE, "identity.phone_appointment",
     identity_appointment},
    {"PUT", "/{slug}/api/identity/phone/appointment", CH_PHONE, &identity_appointment_body, CH_KB(1), CH_TX_SINGLE,
     "identity.phone_appointment_put", identity_appointment_put},
    {"DELETE", "/{slug}/api/identity/phone/appointment", CH_PHONE, NULL, 0, CH_TX_SINGLE,
     "identity.phone_appointment_cancel", identity_appointment_cancel},
    {"PUT", "/{slug}/api/identity/phone/card/{side}", CH_PHONE, NULL, CARD_MAX, CH_TX_EACH, "identity.card", identity_card},
    {"POST", "/{slug}/api/identity/phone/liveness", CH_PHONE, NULL, 0, CH_TX_EACH, "identity.liveness", identity_liveness},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {identity_statements, form_statements, NULL};

static const struct ch_module identity_module = {.name = "identity",
                                                 .routes = tables,
                                                 .statements = statements,
                                                 .keys = CH_KEYS_ORDER | CH_KEYS_TENCENT | CH_KEYS_SESSION,
                                                 .needs = CH_NEEDS_NET,
                                                 .vendors = true};

int main(int argc, char **argv)
{
    return ch_module_main(&identity_module, argc, argv);
}
