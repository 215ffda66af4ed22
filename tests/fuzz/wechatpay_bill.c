/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: WeChat Pay's bill of a day. What is taken must be fit to be compared with the hall's books. */
#include "core/gateway/wechatpay/bill.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_wechatpay_bill bill;

    if (ch_wechatpay_bill_read(a, CH_BYTES(data, size), &bill) != NULL && bill.n != 0)
        abort(); /* refused, and yet something is kept */
    for (size_t i = 0; i < bill.n; i++) {
        const struct ch_bill_row *row = &bill.rows[i];
        bool refund = row->kind == CH_BILL_REFUND;
        if ((!refund && row->kind != CH_BILL_PAYMENT) || row->amount_fen < 0 || row->at < 0)
            abort();
        if (*row->out_trade_no == '\0' || *row->vendor_no == '\0' || (!refund && *row->out_refund_no != '\0'))
            abort();
    }
    ch_arena_free(a);
    return 0;
}
