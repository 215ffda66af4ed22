/* SPDX-License-Identifier: Apache-2.0
 * Module identity: phone authentication with ID card and liveness check, for an application, for a loss report, for the
 * legal person in place of the bank account, for an account whose number is lost, for the PUK of a token, and to revoke a certificate. This header declares the request bodies and
 * handlers that its files share. */
#ifndef MODULE_IDENTITY_H
#define MODULE_IDENTITY_H

#include "core/order/order.h"
#include "core/web/output.h"
#include "form_sql.h"
#include "identity_sql.h"

struct identity_loss_in {
    const char *serial; /* of the certificate */
    const char *role;   /* "agent", "holder", "legal": as whom the visitor authenticates */
    const char *name;   /* of that person */
    const char *kind;   /* "hold", or "release" to undo it */
};
extern const struct ch_input identity_loss_body;

struct identity_unlock_in {
    const char *serial; /* of the certificate on the token */
};
extern const struct ch_input identity_unlock_body;

struct identity_revoke_in {
    const char *serial; /* of the certificate */
    const char *role;   /* as whom somebody will authenticate */
    const char *reason; /* hall.holder_reasons */
};
extern const struct ch_input identity_revoke_body;

struct identity_consent_in {
    bool agree;
    const char *version; /* of the text that was read; required for a yes */
};
extern const struct ch_input identity_consent_body;

/* Reads what the phone's page shows: one row, or none for a link that is void (phone.c). */
enum ch_err identity_read_phone(struct ch_req *r, struct ch_rows *rows) CH_MUST;
/* The account that transfers go to, and how much (transfer.c). */
ch_out_call identity_put_account;
/* Whether there is such an account, whose entries the bank can be asked for (transfer.c). */
bool identity_takes_transfers(void);

struct identity_appointment_in {
    const char *outlet; /* its code */
    const char *at;     /* when the half hour begins */
};
extern const struct ch_input identity_appointment_body;

ch_handler identity_transfer;                                                           /* transfer.c */
ch_handler identity_consent;                                                            /* consent.c */
ch_handler identity_link, identity_state;                                               /* pc.c */
ch_handler identity_loss;                                                               /* loss.c */
ch_handler identity_unlock;                                                             /* unlock.c */
ch_handler identity_revoke;                                                             /* revoke.c */
ch_handler identity_phone, identity_arrival, identity_card, identity_liveness;          /* phone.c */
ch_handler identity_form_card;                                                          /* phone.c */
ch_handler identity_appointment, identity_appointment_put, identity_appointment_cancel; /* appointment.c */

#endif
