/* SPDX-License-Identifier: Apache-2.0
 * Alipay's bill of a day as it is downloaded: a ZIP with two CSV files in GBK. The file of single trades (业务明细) is read, the
 * file of sums (汇总) is not. (opendocs.alipay.com, "trade bill, description of the fields".)
 *
 * Pure functions. The file comes from outside: every size is bounded, and a row that is not understood makes the whole bill
 * CH_E_MALFORMED, since an incomplete bill proves nothing. */
#ifndef CH_GATEWAY_ALIPAY_BILL_H
#define CH_GATEWAY_ALIPAY_BILL_H

#include "core/base/error.h"
#include "core/gateway/bill.h"

#include "core/base/arena.h"

#define CH_ALIPAY_BILL_BYTES (32u * 1024 * 1024)    /* largest ZIP */
#define CH_ALIPAY_BILL_UNPACKED (64u * 1024 * 1024) /* largest file in it, unpacked */

enum ch_err ch_alipay_read_bill(struct ch_arena *a, struct ch_fault *f, struct ch_bytes zip,
                                const struct ch_bill_row **rows, size_t *n) CH_MUST;
/* Reads the file of single trades after its conversion to UTF-8. Columns are found by their names; values may be followed by
 * tabs. */
enum ch_err ch_alipay_read_bill_text(struct ch_arena *a, struct ch_fault *f, const char *text,
                                     const struct ch_bill_row **rows, size_t *n) CH_MUST;

/* Conversion between GBK (treated as GB18030, which contains it) and UTF-8; NULL or false when something cannot be
 * converted. */
char *ch_alipay_gbk_to_utf8(struct ch_arena *a, struct ch_bytes gbk) CH_MUST;
bool ch_alipay_utf8_to_gbk(struct ch_arena *a, const char *utf8, struct ch_bytes *out) CH_MUST;

#endif
