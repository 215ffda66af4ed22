/* SPDX-License-Identifier: Apache-2.0
 * Alipay's open platform: payment on Alipay's own page or by a QR code, query, close, refunds, the bill of a day, and
 * what Alipay reports.
 *
 * Answers are believed only when signed by the key of setting alipay_pubkey over the very bytes received; an answer
 * without a signature is a bad answer, although Alipay leaves it out when it does not know the app_id. Amounts are
 * integer fen. The truth about a payment is notification and query together: both hand out the same struct, both may
 * come twice, and the caller compares number and amount with its own order. */
#ifndef CH_GATEWAY_ALIPAY_H
#define CH_GATEWAY_ALIPAY_H

#include "core/gateway/bill.h"
#include "core/gateway/outcome.h"

#include <openssl/evp.h>

struct ch_alipay_order {
    const char *out_trade_no; /* ours: at most 64 letters, digits and '_', stored before the call */
    const char *subject;      /* at most 256 characters, without '/', '=' and '&' */
    int64_t total_fen;        /* at least 1 */
    int64_t expires;          /* seconds since 1970, at least a minute ahead; 0: Alipay's default */
    const char *return_url;   /* where the page leads back to; NULL: none. What comes with it proves nothing: query. */
};

enum ch_alipay_state {
    CH_ALIPAY_OTHER = 0, /* a word that is not known here: treat as not paid, ask again */
    CH_ALIPAY_WAITING,   /* WAIT_BUYER_PAY */
    CH_ALIPAY_SUCCESS,   /* paid, and perhaps refunded in part */
    CH_ALIPAY_FINISHED,  /* paid, and too old to be refunded */
    CH_ALIPAY_CLOSED,    /* not paid in time, closed by us, or paid and refunded in full: success_time tells */
};

struct ch_alipay_payment {
    enum ch_alipay_state state;
    const char *out_trade_no;
    const char *trade_no; /* Alipay's number; NULL when it is not said */
    int64_t total_fen;    /* what the order asked for; -1 when it is not said */
    int64_t success_time; /* seconds since 1970; 0 before payment */
};

/* alipay.trade.page.pay: the address to send the browser to. Nobody is called, so Alipay knows of the trade only once
 * the payer has come that far: until then a query is refused with "ACQ.TRADE_NOT_EXIST". */
enum ch_err ch_alipay_page(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order,
                           const char **url) CH_MUST;

/* alipay.trade.precreate. On CH_ACCEPTED *qr_code is what the QR code holds. The trade does not exist until it is
 * scanned. The same number with the same particulars may be sent again. */
enum ch_err ch_alipay_precreate(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order,
                                struct ch_answer *answer, const char **qr_code) CH_MUST;

/* alipay.trade.query. CH_REFUSED with code "ACQ.TRADE_NOT_EXIST": nobody has begun to pay, or nothing was ordered. */
enum ch_err ch_alipay_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer,
                            struct ch_alipay_payment *payment) CH_MUST;

/* alipay.trade.close; repeatable. CH_REFUSED with "ACQ.TRADE_NOT_EXIST": there is nothing to close, but a code or page
 * that is out can still make it exist; with "ACQ.TRADE_STATUS_ERROR": it was paid or closed meanwhile, so query. */
enum ch_err ch_alipay_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                            struct ch_answer *answer) CH_MUST;

struct ch_alipay_refund_order {
    const char *out_trade_no;
    const char *out_request_no; /* ours: at most 64, stored before the call; the same number is refunded once */
    int64_t amount_fen;         /* at least 1 */
    const char *reason;         /* at most 256 characters; NULL: none */
};

struct ch_alipay_refunded {
    bool moved; /* fund_change Y: money went back by this call. N: it did before, or it is not settled yet */
    const char *trade_no;
    int64_t refunded_fen; /* of the trade, all refunds together */
};

/* alipay.trade.refund. CH_ACCEPTED says that the refund is known by this number; only `moved`, ch_alipay_refund_query
 * or the notification say that it is done. One try: after CH_UNKNOWN call again with the same number and amount. */
enum ch_err ch_alipay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_refund_order *order,
                             struct ch_answer *answer, struct ch_alipay_refunded *refunded) CH_MUST;

struct ch_alipay_refund_state {
    bool done;          /* REFUND_SUCCESS; false: not refunded, or not yet (Alipay asks for ten seconds) */
    int64_t amount_fen; /* of this refund; -1 unless done */
    int64_t at;         /* seconds since 1970; 0 when it is not said */
};

/* alipay.trade.fastpay.refund.query. */
enum ch_err ch_alipay_refund_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                                   const char *out_request_no, struct ch_answer *answer,
                                   struct ch_alipay_refund_state *state) CH_MUST;

/* The bill of a day ("2026-11-21", Beijing), there from the next morning on: its address by
 * alipay.data.dataservice.bill.downloadurl.query, then the file. A day without trades is CH_ACCEPTED with no rows. The
 * rows are the arena's. */
enum ch_err ch_alipay_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                           const struct ch_bill_row **rows, size_t *n) CH_MUST;

/* --- what Alipay reports --- */

enum ch_alipay_event {
    CH_ALIPAY_NOTHING = 0, /* genuine, but neither: take it and do nothing */
    CH_ALIPAY_PAID,
    CH_ALIPAY_REFUND, /* comes to the same address, with the payment's own words in it */
};

struct ch_alipay_notice {
    const char *id; /* the same when it comes again */
    enum ch_alipay_event event;
    struct ch_alipay_payment payment;
    int64_t refunded_fen;   /* of a refund: all refunds of the trade together */
    const char *out_biz_no; /* of a refund: our out_request_no; NULL when it is not said */
    int64_t refund_time;    /* of a refund: seconds since 1970; 0 when it is not said */
};

/* Verifies and reads the form body of a notification; the answer to it is exactly "success". CH_E_UNAUTHENTICATED: not
 * signed by Alipay. CH_E_MALFORMED: not understood. CH_E_FORBIDDEN: for another app_id or seller. A notification has no
 * time window: it may be repeated for a day, and must not do anything twice. */
enum ch_err ch_alipay_notice(struct ch_arena *a, struct ch_fault *f, struct ch_bytes body,
                             struct ch_alipay_notice *notice) CH_MUST;
/* The same with what is trusted given: what the above calls. */
struct ch_alipay_trust {
    EVP_PKEY *public_key;
    const char *appid, *seller;
};
enum ch_err ch_alipay_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_trust *trust,
                                  struct ch_bytes body, struct ch_alipay_notice *notice) CH_MUST;

#endif
