/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_PAY_H
#define MODULE_PAY_H

#include "core/order/order.h"
#include "core/web/request.h"
#include "form_sql.h"
#include "pay_sql.h"

struct pay_open_in {
    const char *channel;
    bool page; /* the vendor's own page, and not a QR code */
};
extern const struct ch_input pay_open_body;

ch_handler pay_open;                  /* applicant.c */
ch_handler pay_transfer, pay_voucher; /* transfer.c */

#endif
