/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay API v3, Native payment: order, query, close, and the notification of a payment.
 *
 * Answers are believed only when signed by a key of setting wechatpay_pubkeys over the very bytes received, at most five
 * minutes ago. Amounts are integer fen. The truth about a payment is notification and query together: both hand out the
 * same struct, both may come twice, and the caller compares number and amount with its own order. */
#ifndef CH_GATEWAY_WECHATPAY_H
#define CH_GATEWAY_WECHATPAY_H

#include "core/gateway/outcome.h"

#include <openssl/evp.h>

struct ch_wechat_order {
    const char *out_trade_no; /* ours: 6 to 32 of [0-9A-Za-z_-|*], stored before the call */
    const char *description;  /* at most 127 characters */
    int64_t total_fen;        /* at least 1 */
    int64_t expires;          /* seconds since 1970, at least a minute ahead; 0: WeChat's default */
    const char *attach;       /* comes back with the payment; NULL: none */
};

enum ch_wechat_state {
    CH_WECHAT_OTHER = 0, /* a word that is not known here: treat as not paid, ask again */
    CH_WECHAT_SUCCESS,   /* paid */
    CH_WECHAT_REFUND,    /* paid, and a refund has begun */
    CH_WECHAT_NOTPAY,
    CH_WECHAT_CLOSED,
    CH_WECHAT_REVOKED,
    CH_WECHAT_USERPAYING,
    CH_WECHAT_PAYERROR,
};

struct ch_wechat_payment {
    enum ch_wechat_state state;
    const char *out_trade_no;
    const char *transaction_id; /* WeChat's number; NULL before payment */
    int64_t total_fen;          /* what the order asked for; -1 when the answer does not say */
    const char *currency;       /* "CNY", or NULL */
    int64_t success_time;       /* seconds since 1970; 0 before payment */
    const char *attach;         /* or NULL */
};

/* POST /v3/pay/transactions/native. On CH_ACCEPTED *code_url is what the QR code holds (valid two hours). The same
 * number with the same particulars gives a fresh URL. */
enum ch_err ch_wechat_native(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_order *order,
                             struct ch_answer *answer, const char **code_url) CH_MUST;

/* GET /v3/pay/transactions/out-trade-no/{no}. CH_REFUSED with code "ORDER_NOT_EXIST": WeChat never took the order. */
enum ch_err ch_wechat_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer,
                            struct ch_wechat_payment *payment) CH_MUST;

/* POST …/close; repeatable. CH_REFUSED with code "ORDER_PAID": it was paid meanwhile, so query. */
enum ch_err ch_wechat_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                            struct ch_answer *answer) CH_MUST;

/* What came with a notification, as sent; a header that was not there is "". */
struct ch_wechat_headers {
    const char *timestamp, *nonce, *signature, *serial;
};

struct ch_wechat_notice {
    const char *id;         /* the same when it comes again */
    const char *event_type; /* "TRANSACTION.SUCCESS" */
    bool paid;              /* payment is filled in: event TRANSACTION.SUCCESS, for our merchant number and appid */
    struct ch_wechat_payment payment;
};

/* Verifies and decrypts a notification. CH_E_UNAUTHENTICATED: not signed by WeChat, or too old (probes fail here by
 * design). CH_E_MALFORMED: signed but not understood. CH_E_FORBIDDEN: for another merchant. */
enum ch_err ch_wechat_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_headers *headers,
                             struct ch_bytes body, struct ch_wechat_notice *notice) CH_MUST;
/* The same with keys and time given: what the above calls. */
struct ch_wechat_trust {
    EVP_PKEY *public_key; /* of headers->serial, NULL when that is unknown */
    const char *v3key; /* 32 characters */
    const char *mchid, *appid;
    int64_t now;
};
enum ch_err ch_wechat_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_trust *trust,
                                  const struct ch_wechat_headers *headers, struct ch_bytes body,
                                  struct ch_wechat_notice *notice) CH_MUST;

#endif
