/* SPDX-License-Identifier: Apache-2.0
 * Module notify: the reports that outside services send by themselves, of payments, refunds, messages and invoices. This header
 * declares the handlers and the helpers that its files share. */
#ifndef MODULE_NOTIFY_H
#define MODULE_NOTIFY_H

#include "core/web/request.h"
#include "notify_sql.h"

ch_handler notify_wechatpay; /* wechatpay.c */
ch_handler notify_alipay;    /* alipay.c */
ch_handler notify_sms;       /* sms.c */
ch_handler notify_nuonuo;    /* nuonuo.c */

/* The report of a payment, independent of the vendor. Strings belong to the request's arena. */
struct notify_paid {
    const char *channel;   /* "wechatpay", "alipay" */
    const char *notice;    /* the vendor's id of the report, which is the same when the report is repeated */
    const char *number;    /* of the payment: ours */
    const char *vendor_no; /* of the payment: the vendor's */
    int64_t total_fen;
    int64_t at; /* when it was paid, seconds since 1970 */
};

/* The report of a refund's state. */
struct notify_refund {
    const char *number;    /* of the refund: ours */
    int64_t fen;           /* what the vendor says that it refunds */
    const char *state;     /* "accepted", "succeeded" or "failed" */
    const char *vendor_no; /* or NULL */
    const char *why;       /* the reason of a failure, or NULL */
    int64_t at;            /* seconds since 1970; 0: now */
};

/* Books a report; a repetition of it changes nothing. CH_OK also for a payment or refund that is not ours or has another amount: it
 * is then on record, and the vendor need not repeat the report. */
enum ch_err notify_book_paid(struct ch_req *r, const struct notify_paid *p) CH_MUST;
enum ch_err notify_book_refund(struct ch_req *r, const struct notify_refund *n) CH_MUST;

#endif
