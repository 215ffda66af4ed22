/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay API v3, Native payment (a QR code), H5 payment (from the browser of a phone) and JSAPI payment (from WeChat's own
 * browser): order, query, close, refund, and the notifications of all.
 *
 * An answer is believed only when WeChat signed exactly the bytes received, at most five minutes ago, with a key of setting
 * wechatpay_pubkeys or, with setting wechatpay_certificates, with one of its platform certificates. Amounts are integer fen;
 * an object that names another currency is a bad answer, or a malformed notification.
 * A notification and a query give the same struct; either may come first, or twice, and the caller compares number and amount
 * with its own order. The same holds for refunds. */
#ifndef CH_GATEWAY_WECHATPAY_H
#define CH_GATEWAY_WECHATPAY_H

#include "core/gateway/outcome.h"

#include <openssl/evp.h>

struct ch_wechatpay_order {
    const char *out_trade_no; /* ours: 6 to 32 of [0-9A-Za-z_-|*], stored before the call */
    const char *description;  /* at most 127 characters */
    int64_t total_fen;        /* at least 1 */
    int64_t expires;          /* seconds since 1970, at least a minute ahead; 0: WeChat's default */
    const char *attach;       /* text that is returned with the payment; NULL: none */
    const char *payer_ip;     /* of H5 payment: of the phone, which WeChat compares */
    const char *openid;       /* of JSAPI payment: who pays, for our appid */
};

enum ch_wechatpay_state {
    CH_WECHATPAY_OTHER = 0, /* a state that is not known here: treat it as not paid, and ask again */
    CH_WECHATPAY_SUCCESS,   /* paid */
    CH_WECHATPAY_REFUND,    /* paid, and a refund has begun */
    CH_WECHATPAY_NOTPAY,
    CH_WECHATPAY_CLOSED,
    CH_WECHATPAY_REVOKED,
    CH_WECHATPAY_USERPAYING,
    CH_WECHATPAY_PAYERROR,
};

struct ch_wechatpay_payment {
    enum ch_wechatpay_state state;
    const char *out_trade_no;
    const char *transaction_id; /* WeChat's number; NULL before payment */
    int64_t total_fen;          /* the order's amount; -1 when the answer does not say */
    int64_t success_time;       /* seconds since 1970; 0 before payment */
    const char *attach;         /* or NULL */
};

/* POST /v3/pay/transactions/native. On CH_ACCEPTED *code_url is the text of the QR code, valid for two hours. The same number
 * with the same particulars gives a fresh URL. */
enum ch_err ch_wechatpay_native(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_order *order,
                                struct ch_answer *answer, const char **code_url) CH_MUST;

/* POST /v3/pay/transactions/h5. On CH_ACCEPTED *h5_url is WeChat's page, valid for five minutes, which opens the app; it must be
 * opened by a link of a page of ours, since it wants a Referer of a domain that the merchant has registered, and leads back to
 * `redirect_url` when that is added to its query. It does not work in WeChat's own browser. */
enum ch_err ch_wechatpay_h5(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_order *order,
                            struct ch_answer *answer, const char **h5_url) CH_MUST;

/* --- JSAPI payment, for which setting wechatpay_openid_url names the service that knows openids --- */

/* WeChat's page for web authorization (scope snsapi_base, which asks nobody anything). It leads back to `return_url`, with `code` and
 * `state` in its query. The state is at most 128 letters and digits. */
const char *ch_wechatpay_authorize_url(struct ch_arena *a, const char *return_url, const char *state);

/* GET /sns/oauth2/access_token: whose a code is. A code is good for five minutes and once, so this is tried once. CH_REFUSED: the
 * code is used, too old, or not of our appid. The tokens of the answer are not kept. */
enum ch_err ch_wechatpay_openid(struct ch_arena *a, struct ch_fault *f, const char *code, struct ch_answer *answer,
                                const char **openid) CH_MUST;
/* Reads such an answer. */
struct ch_answer ch_wechatpay_read_openid(struct ch_arena *a, long status, struct ch_bytes body, const char **openid);

/* POST /v3/pay/transactions/jsapi. On CH_ACCEPTED *prepay_id stands for the order for two hours. Another payer needs another
 * number. */
enum ch_err ch_wechatpay_jsapi(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_order *order,
                               struct ch_answer *answer, const char **prepay_id) CH_MUST;

/* The JSON object that the page hands to WeChat's app (getBrandWCPayRequest), signed now with the merchant's key. */
enum ch_err ch_wechatpay_request(struct ch_arena *a, struct ch_fault *f, const char *prepay_id, const char **json) CH_MUST;

/* GET /v3/pay/transactions/out-trade-no/{no}. CH_REFUSED with code "ORDER_NOT_EXIST": WeChat never took the order. */
enum ch_err ch_wechatpay_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                               struct ch_answer *answer, struct ch_wechatpay_payment *payment) CH_MUST;

/* POST …/close; may be repeated. CH_REFUSED with code "ORDER_PAID": it was paid meanwhile, so query it. */
enum ch_err ch_wechatpay_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                               struct ch_answer *answer) CH_MUST;

struct ch_wechatpay_refund_order {
    const char *out_trade_no; /* of the payment */
    const char *out_refund_no; /* ours: at most 64 characters, stored before the call; a repetition carries the same one */
    const char *reason;        /* at most 80 characters, shown to the payer; NULL: none */
    int64_t refund_fen;        /* at least 1 */
    int64_t total_fen;         /* what was paid */
};

enum ch_wechatpay_refund_state {
    CH_WECHATPAY_REFUND_OTHER = 0,  /* a state that is not known here: ask again */
    CH_WECHATPAY_REFUND_PROCESSING, /* accepted, but the payer does not have the money yet */
    CH_WECHATPAY_REFUND_SUCCESS,
    CH_WECHATPAY_REFUND_CLOSED,   /* it will not happen; another number may be used */
    CH_WECHATPAY_REFUND_ABNORMAL, /* the payer's account rejects the money: somebody must deal with it by hand */
};

struct ch_wechatpay_refund {
    enum ch_wechatpay_refund_state state;
    const char *out_trade_no, *out_refund_no;
    const char *refund_id; /* WeChat's number */
    int64_t refund_fen, total_fen;
    int64_t success_time; /* seconds since 1970; 0 before success */
    const char *account;  /* the account that received the money, in WeChat's words, or "" */
};

/* POST /v3/refund/domestic/refunds, tried once. CH_ACCEPTED: WeChat has accepted the refund; refund->state says whether it is
 * done. With any other outcome *refund is empty. CH_REFUSED with code "NOT_ENOUGH": our balance is too low today. */
enum ch_err ch_wechatpay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_refund_order *order,
                                struct ch_answer *answer, struct ch_wechatpay_refund *refund) CH_MUST;

/* GET /v3/refund/domestic/refunds/{no}. CH_REFUSED with code "RESOURCE_NOT_EXISTS": WeChat never took the refund. */
enum ch_err ch_wechatpay_refund_query(struct ch_arena *a, struct ch_fault *f, const char *out_refund_no,
                                      struct ch_answer *answer, struct ch_wechatpay_refund *refund) CH_MUST;

/* The headers of a notification, as received; a missing one is "". */
struct ch_wechatpay_headers {
    const char *timestamp, *nonce, *signature, *serial;
};

enum ch_wechatpay_kind {
    CH_WECHATPAY_ABOUT_OTHER = 0, /* an event that is not known here: acknowledge it, and do nothing */
    CH_WECHATPAY_ABOUT_PAYMENT,   /* TRANSACTION.SUCCESS: payment is filled in, for our merchant number and appid */
    CH_WECHATPAY_ABOUT_REFUND, /* REFUND.SUCCESS, .ABNORMAL or .CLOSED: refund is filled in, for our merchant number */
};

struct ch_wechatpay_notice {
    const char *id;         /* the same when the notification is repeated */
    const char *event_type; /* "TRANSACTION.SUCCESS" */
    enum ch_wechatpay_kind kind;
    bool paid; /* it is about a payment whose state is CH_WECHATPAY_SUCCESS */
    struct ch_wechatpay_payment payment;
    struct ch_wechatpay_refund refund;
};

/* Verifies and decrypts a notification. CH_E_UNAUTHENTICATED: not signed by WeChat, or too old (WeChat's probes must fail like
 * this). CH_E_MALFORMED: signed, but not understood. CH_E_FORBIDDEN: for another merchant. */
enum ch_err ch_wechatpay_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_headers *headers,
                                struct ch_bytes body, struct ch_wechatpay_notice *notice) CH_MUST;
/* The same with given keys and time; ch_wechatpay_notice calls it. */
struct ch_wechatpay_trust {
    EVP_PKEY *public_key; /* the key of headers->serial; NULL when the serial is unknown */
    const char *v3key;    /* 32 characters */
    const char *mchid, *appid;
    int64_t now;
};
enum ch_err ch_wechatpay_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                                     const struct ch_wechatpay_headers *headers, struct ch_bytes body,
                                     struct ch_wechatpay_notice *notice) CH_MUST;

#endif
