/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_DESK_H
#define MODULE_DESK_H

#include "core/hall/order.h"
#include "desk_sql.h"
#include "hall_sql.h"

struct desk_login_in {
    const char *name, *password;
};
struct desk_approve_in {
    int64_t version;
    const char *note; /* NULL: none */
};
struct desk_reason_in {
    const char *pointer; /* "/form/unit_name" or "/materials/licence" */
    const char *text;
};
struct desk_reject_in {
    int64_t version;
    struct ch_list reasons; /* of struct desk_reason_in */
};
struct desk_produce_in {
    int64_t version;
    const char *csr; /* PEM or base64, where the key was made on the token; NULL: none */
};
struct desk_ship_in {
    int64_t version;
    const char *courier, *tracking_no;
};
struct desk_bill_in {
    const char *channel; /* "wechat" */
    const char *day;     /* "2026-11-21" */
};
struct desk_revoke_in {
    const char *reason; /* "key_compromise" */
    const char *note;
};
struct desk_words_in {
    const char *note; /* who called and how they were identified; why it is refused */
};
struct desk_pin_box_in {
    const char *public_key; /* base64url of a point of P-256, uncompressed */
};
extern const struct ch_input desk_pin_box_body;
extern const struct ch_input desk_revoke_body, desk_words_body;
extern const struct ch_input desk_login_body, desk_approve_body, desk_reject_body, desk_produce_body, desk_ship_body, desk_bill_body;

/* The places under which the register's words are sealed (core/crypto/seal.h). */
#define DESK_NOTE "revocation.note"
#define DESK_ANSWER "revocation.answer"

/* Answers with a row of desk_revocation_read, its words opened (revocation.c). */
enum ch_err desk_revocation_reply(struct ch_req *r, const char *id, const struct ch_rows *rows) CH_MUST;

/* What a member of staff does to an order, answered with the order without its form (orders.c). */
enum ch_err desk_happen(struct ch_req *r, const char *id, struct ch_call event) CH_MUST;

ch_handler desk_login, desk_logout, desk_session;                 /* staff.c */
ch_handler desk_list, desk_read, desk_material;                   /* orders.c */
ch_handler desk_approve, desk_reject;                             /* review.c */
ch_handler desk_production, desk_produce, desk_ship;               /* production.c */
ch_handler desk_key_file, desk_certificate, desk_encryption, desk_chain, desk_enveloped_key; /* production.c */
ch_handler desk_certificates, desk_order_revocations, desk_revoke, desk_hold, desk_release; /* certificates.c */
ch_handler desk_revocations, desk_revocations_csv, desk_revocation;                          /* revocation.c */
ch_handler desk_revocation_confirm, desk_revocation_refuse, desk_revocation_withdraw;        /* revocation.c */
ch_handler desk_pin, desk_pin_send, desk_pin_box, desk_pin_take;  /* pin.c */
ch_handler desk_authority;                                        /* authority.c */
ch_handler desk_audit, desk_outbox;                               /* oversight.c */
ch_handler desk_vendors, desk_messages, desk_bills, desk_bill_want, desk_bill, desk_bill_csv; /* outside.c */

struct desk_seal_withdraw_in {
    const char *reason;
};
extern const struct ch_input desk_seal_withdraw_body;
ch_handler desk_seals, desk_seal_filing, desk_seal_file, desk_seal_picture, desk_seal_withdraw, desk_stamp, desk_stamp_picture; /* seals.c */

#endif
