/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's bill of a day (GET /v3/bill/tradebill, bill_type ALL): what was paid and what was given back. It is ready
 * at about ten in the morning of the day after, and for three months. */
#ifndef CH_GATEWAY_WECHATPAY_BILL_H
#define CH_GATEWAY_WECHATPAY_BILL_H

#include "core/gateway/bill.h"
#include "core/gateway/outcome.h"

struct ch_wechatpay_bill {
    struct ch_bill_row *rows; /* at most CH_BILL_MAX_ROWS, in the bill's order */
    size_t n;
};

/* `day` is yyyy-mm-dd in Beijing. CH_ACCEPTED: the file was read whole, its digest and its own sums fit; a day without
 * trades ("NO_STATEMENT_EXIST") has no rows. CH_REFUSED: not yet, or no longer ("STATEMENT_CREATING" …). */
enum ch_err ch_wechatpay_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                              struct ch_wechatpay_bill *bill) CH_MUST;

/* Reads the file: UTF-8, a line of column names, one line a trade with each value behind a backtick, then names and
 * values of the sums. NULL, or what is wrong with it. Refunds that failed are left out: they moved nothing. */
const char *ch_wechatpay_bill_read(struct ch_arena *a, struct ch_bytes file, struct ch_wechatpay_bill *out) CH_MUST;

#endif
