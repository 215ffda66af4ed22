/* SPDX-License-Identifier: Apache-2.0
 * Module finance of the back office (财务): the payments, transfers, refunds, payouts, bills and invoices that the authority's
 * clerk for money works on. This header declares the request bodies, handlers and helpers that its files share. Amounts are in
 * fen, days are "2026-11-21".
 *
 * What decides about money is an act (core/desk/act.h): the body of the deed has the signature in `decision`, and the route
 * …/statement, which takes the same body without it, offers what is to be signed. */
#ifndef MODULE_FINANCE_H
#define MODULE_FINANCE_H

#include "core/desk/act.h"
#include "core/desk/desk.h"
#include "core/order/order.h"
#include "finance_sql.h"

struct finance_entry_in { /* an entry of the authority's bank statement */
    int64_t version;      /* of the order; 0 for a surplus, which does not depend on it */
    const char *payer, *reference, *day;
    int64_t fen;
    const char *reason; /* NULL: none; required for a surplus, and when the payer is not the applicant */
    const struct ch_json *decision;
};
struct finance_why_in {
    int64_t version;
    const char *why; /* shown to the applicant */
};
struct finance_refund_in {
    int64_t version;
    const char *reason;
    const struct ch_json *decision;
};
struct finance_approve_in {
    int64_t version;
    const char *note; /* NULL: none */
    const struct ch_json *decision;
};
struct finance_settle_in {
    const char *reference, *day;
    const struct ch_json *decision;
};
struct finance_odd_in {
    const char *note; /* how it was settled */
    const struct ch_json *decision;
};
struct finance_again_in {
    int64_t version;
    const struct ch_json *decision;
};
struct finance_bill_in {
    const char *channel; /* "wechatpay" */
    const char *day;     /* "2026-11-21" */
};
struct finance_buyer_in {
    const char *kind; /* "enterprise", "government", "person" */
    const char *title;
    const char *tax_no; /* NULL: none; required for an enterprise */
};
struct finance_red_in {
    const char *number; /* of a red letter that was issued by hand at the tax bureau */
};
extern const struct ch_input finance_confirm_body, finance_surplus_body, finance_why_body, finance_refund_body,
    finance_approve_body, finance_settle_body, finance_odd_body, finance_again_body, finance_bill_body,
    finance_buyer_body, finance_red_body;
/* The bodies without the signature. */
extern const struct ch_input finance_confirm_asked, finance_surplus_asked, finance_refund_asked, finance_approve_asked,
    finance_settle_asked, finance_odd_asked, finance_again_asked;

/* The place of hall.transfer.payer (core/crypto/ring.h). */
#define FINANCE_PAYER "transfer.payer"

/* Runs `event` (NULL: none) and answers with all money of the order as it then is, with its encrypted texts decrypted
 * (money.c). */
enum ch_err finance_money_reply(struct ch_req *r, const char *order, const struct ch_call *event) CH_MUST;

ch_handler finance_money, finance_money_csv, finance_order_money_get, finance_voucher;                 /* money.c */
ch_handler finance_odd_statement, finance_odd_settle;                                                  /* money.c */
ch_handler finance_confirm_statement, finance_transfer_confirm, finance_transfer_refuse;               /* transfer.c */
ch_handler finance_surplus_statement, finance_transfer_surplus;                                        /* transfer.c */
ch_handler finance_refund_ask, finance_refund_withdraw, finance_refund_approve, finance_refund_refuse; /* refund.c */
ch_handler finance_refund_statement, finance_approve_statement;                                        /* refund.c */
ch_handler finance_settle_statement, finance_refund_settle;                                            /* refund.c */
ch_handler finance_payouts, finance_payout, finance_payout_statement, finance_payout_again;            /* payouts.c */
ch_handler finance_entries;                                                                            /* entries.c */
ch_handler finance_bills, finance_bill_want, finance_bill_csv;                                         /* bills.c */
ch_handler finance_invoices, finance_invoices_csv, finance_invoice, finance_invoice_retry;             /* invoices.c */
ch_handler finance_invoice_buyer, finance_invoice_close;                                               /* invoices.c */

#endif
