/* SPDX-License-Identifier: Apache-2.0
 * One row of a vendor's bill of a day, in a form common to all vendors. The hall's books are compared with it.
 *
 * A bill lists money that moved, not attempts: payments that were received, and refunds that the vendor accepted. The texts
 * belong to the caller's arena and are never NULL. */
#ifndef CH_GATEWAY_BILL_H
#define CH_GATEWAY_BILL_H

#include "core/base/defs.h"

/* A bill with more rows is refused as a bad answer. */
#define CH_BILL_MAX_ROWS 200000

enum ch_bill_kind { CH_BILL_PAYMENT = 1, CH_BILL_REFUND };

struct ch_bill_row {
    enum ch_bill_kind kind;
    const char *out_trade_no;  /* our number of the order */
    const char *out_refund_no; /* our number of the refund; "" for a payment */
    const char *vendor_no;     /* the vendor's number of the payment */
    int64_t amount_fen;        /* what was paid or refunded; never negative */
    int64_t at;                /* seconds since 1970 (the vendors' files have Beijing time) */
};

#endif
