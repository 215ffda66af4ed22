/* SPDX-License-Identifier: Apache-2.0
 * Module pay: opening payments for applicants, and handing in the vouchers of a transfer. This header declares the request body
 * and handlers that its files share. */
#ifndef MODULE_PAY_H
#define MODULE_PAY_H

#include "core/gateway/payway.h"
#include "core/order/order.h"
#include "core/web/request.h"
#include "form_sql.h"
#include "pay_sql.h"

struct pay_open_in {
    const char *channel; /* a way of paying: "wechatpay", "alipay" */
    bool page;           /* the vendor's own page instead of a QR code */
    bool phone;          /* its page for the phone in hand instead */
};
extern const struct ch_input pay_open_body;

struct pay_inside_in {
    const char *channel;
    const char *code, *state; /* what the browser has come back with; NULL: nothing yet */
};
extern const struct ch_input pay_inside_body;

/* The channel of a body: a way of paying online. */
const char *pay_rule_channel(const char *s);
/* Commits an open payment for the order of the route; `in_app`: a new one for a payer in the vendor's own app. The row has its
 * number, and what it has been opened with before, if anything. */
enum ch_err pay_number(struct ch_req *r, const struct pay_open_in *in, bool in_app, struct ch_rows *row) CH_MUST;
/* The order for the vendor. */
struct ch_pay_order pay_order_of(struct ch_req *r, const struct ch_rows *row);
/* The result of a call to the vendor: an error with a sentence for the person unless it has accepted. */
enum ch_err pay_said(struct ch_req *r, enum ch_vendor v, enum ch_err e, const struct ch_answer *said) CH_MUST;
/* The address of the order's payment page, to which a vendor's page leads back. */
const char *pay_page_of(struct ch_req *r);

ch_handler pay_open;                  /* applicant.c */
ch_handler pay_inside;                /* inside.c */
ch_handler pay_transfer, pay_voucher; /* transfer.c */

#endif
