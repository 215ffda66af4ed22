/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_DESK_H
#define MODULE_DESK_H

#include "core/format/csv.h"
#include "core/order/order.h"
#include "desk_sql.h"
#include "form_sql.h"

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
#define DESK_ITEMS_MAX 999

struct desk_produce_in {
    int64_t version;
    int64_t item;    /* from 1, which it is when not given */
    const char *csr; /* PEM or base64, where the key of that item was made on the token; NULL: none */
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

struct desk_entry_in { /* an entry on our bank statement */
    int64_t version;       /* of the order; a surplus needs none */
    const char *payer, *reference, *day;
    int64_t fen;
    const char *reason; /* NULL: none; required of a surplus, and of another payer than the unit */
};
struct desk_why_in {
    int64_t version;
    const char *why; /* the applicant reads it */
};
struct desk_refund_in {
    int64_t version;
    const char *reason;
};
struct desk_settle_in {
    const char *reference, *day;
};
extern const struct ch_input desk_confirm_body, desk_surplus_body, desk_why_body, desk_refund_body, desk_settle_body;

struct desk_day_in {
    const char *day; /* "2027-01-01" */
    bool working;
    const char *name;
};
struct desk_calendar_in {
    int64_t year;
    struct ch_list days; /* of struct desk_day_in: all that differ from their weekday */
};
extern const struct ch_input desk_calendar_body;

/* The places under which the register's words are sealed (core/crypto/seal.h). */
#define DESK_NOTE "revocation.note"
#define DESK_ANSWER "revocation.answer"

/* Answers with a row of desk_revocation_read, its words opened (revocation.c). */
enum ch_err desk_revocation_reply(struct ch_req *r, const char *id, const struct ch_rows *rows) CH_MUST;

/* ?page_size= of a list, `usual` where it is not given (pages.c). */
struct ch_param desk_page_size(struct ch_req *r, int64_t usual);

/* A list as a table: its pages one after the other, to the end. The route's transaction is CH_TX_SEVERAL (pages.c). */
typedef enum ch_err desk_read_page(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out);
typedef void desk_csv_row(struct ch_csv *c, const struct ch_json *row);
enum ch_err desk_csv_list(struct ch_req *r, struct ch_csv *c, desk_read_page *read, desk_csv_row *put) CH_MUST;

/* What a member of staff does to an order, answered with the order without its form (orders.c). */
enum ch_err desk_happen(struct ch_req *r, const char *id, struct ch_call event) CH_MUST;

ch_handler desk_partners, desk_report_json, desk_report_csv, desk_calendar, desk_calendar_put; /* partners.c */
ch_handler desk_login, desk_logout, desk_session;                 /* staff.c */
ch_handler desk_list, desk_read, desk_material;                   /* orders.c */
ch_handler desk_approve, desk_reject;                             /* review.c */
/* The request's ?item=: which of the order's certificates, from 1. */
int desk_item(struct ch_req *r);
ch_handler desk_production, desk_produce, desk_ship;               /* production.c */
ch_handler desk_key_file, desk_certificate, desk_encryption, desk_chain, desk_enveloped_key; /* production.c */
ch_handler desk_certificates, desk_order_revocations, desk_revoke, desk_hold, desk_release; /* certificates.c */
ch_handler desk_revocations, desk_revocations_csv, desk_revocation;                          /* revocation.c */
ch_handler desk_revocation_confirm, desk_revocation_refuse, desk_revocation_withdraw;        /* revocation.c */
ch_handler desk_pin, desk_pin_send, desk_pin_box, desk_pin_take;  /* pin.c */
ch_handler desk_payouts, desk_order_payouts, desk_payout, desk_payout_again; /* payouts.c */
ch_handler desk_authority;                                        /* authority.c */
ch_handler desk_audit, desk_outbox;                               /* oversight.c */
ch_handler desk_vendors, desk_messages, desk_bills, desk_bill_want, desk_bill, desk_bill_csv; /* outside.c */

struct desk_parcel_in {
    int64_t version;
    const char *courier; /* "sf" */
};
struct desk_buyer_in {
    const char *kind; /* "enterprise", "government", "person" */
    const char *title;
    const char *tax_no; /* NULL: none; an enterprise has one */
};
struct desk_red_in {
    const char *number; /* of a red letter issued at the tax bureau */
};
extern const struct ch_input desk_parcel_body, desk_buyer_body, desk_red_body;
ch_handler desk_parcels, desk_parcel_ask, desk_parcel_cancel, desk_message_send; /* parcels.c */
ch_handler desk_invoices, desk_invoices_csv, desk_invoice, desk_invoice_retry, desk_invoice_buyer, desk_invoice_close; /* invoices.c */

struct desk_seal_withdraw_in {
    const char *reason;
};
extern const struct ch_input desk_seal_withdraw_body;
ch_handler desk_seals, desk_seal_filing, desk_seal_file, desk_seal_picture, desk_seal_withdraw, desk_stamp, desk_stamp_picture; /* seals.c */


ch_handler desk_money, desk_money_csv, desk_order_money_get, desk_voucher;               /* money.c */
ch_handler desk_transfer_confirm, desk_transfer_refuse, desk_transfer_surplus;            /* transfer.c */
ch_handler desk_refund_ask, desk_refund_withdraw, desk_refund_approve, desk_refund_refuse; /* refund.c */
ch_handler desk_refund_settle, desk_odd_settle;                                            /* refund.c */

/* All money of an order, read after `event` has happened to it, the sealed words opened (money.c). */
enum ch_err desk_money_reply(struct ch_req *r, const char *order, const struct ch_call *event) CH_MUST;

#endif
