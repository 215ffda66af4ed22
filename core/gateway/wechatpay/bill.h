/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's bill of a day (GET /v3/bill/tradebill, bill_type ALL): payments and refunds. It is available from about ten
 * in the morning of the next day, for three months. */
#ifndef CH_GATEWAY_WECHATPAY_BILL_H
#define CH_GATEWAY_WECHATPAY_BILL_H

#include "core/gateway/bill.h"
#include "core/gateway/outcome.h"

struct ch_wechatpay_bill {
    struct ch_bill_row *rows; /* at most CH_BILL_MAX_ROWS, in the bill's order */
    size_t n;
};

/* `day` is yyyy-mm-dd in Beijing. CH_ACCEPTED: the whole file was read, and its digest and its own sums match; a day without
 * trades ("NO_STATEMENT_EXIST") has no rows. CH_REFUSED: the bill is not ready, or no longer kept ("STATEMENT_CREATING" …). */
enum ch_err ch_wechatpay_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                              struct ch_wechatpay_bill *bill) CH_MUST;

/* Reads the file: UTF-8 text with a line of column names, a line for each trade in which a backtick precedes each value, and
 * two lines with the names and values of the sums. Returns NULL, or what is wrong with the file. Failed refunds are left out,
 * since they moved no money. */
const char *ch_wechatpay_bill_read(struct ch_arena *a, struct ch_bytes file, struct ch_wechatpay_bill *out) CH_MUST;

#endif
