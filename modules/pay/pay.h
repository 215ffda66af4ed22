/* SPDX-License-Identifier: Apache-2.0
 * Module pay: opening payments for applicants, and handing in the vouchers of a transfer. This header declares the request body
 * and handlers that its files share. */
#ifndef MODULE_PAY_H
#define MODULE_PAY_H

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

ch_handler pay_open;                  /* applicant.c */
ch_handler pay_transfer, pay_voucher; /* transfer.c */

#endif
