/* SPDX-License-Identifier: Apache-2.0
 * One line of a vendor's bill of a day, in the same words whoever wrote it: what the hall's books are compared with.
 *
 * A bill tells what moved, not what was tried: payments that came in, and refunds that the vendor took. Every text is
 * the caller's arena's and never NULL. */
#ifndef CH_GATEWAY_BILL_H
#define CH_GATEWAY_BILL_H

#include "core/base/defs.h"

/* More rows than this, and a bill is refused as a bad answer. */
#define CH_BILL_MAX_ROWS 200000

enum ch_bill_kind { CH_BILL_PAYMENT = 1, CH_BILL_REFUND };

struct ch_bill_row {
    enum ch_bill_kind kind;
    const char *out_trade_no;  /* our number of the order */
    const char *out_refund_no; /* our number of the refund; "" for a payment */
    const char *vendor_no;     /* the vendor's number of the payment */
    int64_t amount_fen;        /* what came in or went back; never negative */
    int64_t at;                /* when, seconds since 1970 (the files say it in Beijing time) */
};

#endif
