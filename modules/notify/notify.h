/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_NOTIFY_H
#define MODULE_NOTIFY_H

#include "core/web/request.h"
#include "notify_sql.h"

ch_handler notify_wechatpay; /* wechatpay.c */
ch_handler notify_alipay;    /* alipay.c */
ch_handler notify_sms;       /* sms.c */
ch_handler notify_nuonuo;    /* nuonuo.c */

/* A report of money, in the hall's words. */
struct notify_paid {
    const char *channel, *notice; /* the vendor's id of the report: the same when it comes again */
    const char *number, *vendor_no;
    int64_t total_fen, at;
};
struct notify_refund {
    const char *number;    /* ours, of the refund */
    const char *state;     /* "accepted", "succeeded" or "failed" */
    const char *vendor_no; /* or NULL */
    const char *why;       /* it failed, or NULL */
    int64_t at;            /* 0: now */
};

/* Books it, once. CH_OK also when it is not ours or of another amount: that is on record then, and no repetition would
 * change it. */
enum ch_err notify_book_paid(struct ch_req *r, const struct notify_paid *p) CH_MUST;
enum ch_err notify_book_refund(struct ch_req *r, const struct notify_refund *n) CH_MUST;

#endif
