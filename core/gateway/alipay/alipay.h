/* SPDX-License-Identifier: Apache-2.0
 * Alipay's open platform: payment on Alipay's own page or by a QR code, query, close, refunds, the bill of a day, and
 * what Alipay reports.
 *
 * An answer is believed only when the key of setting alipay_pubkey signed exactly the bytes received. An answer without a
 * signature is a bad answer; Alipay sends such answers when it does not know the app_id. Amounts are integer fen; what names
 * another currency than yuan is a bad answer, or a malformed notification. A
 * notification and a query give the same struct; either may come first, or twice, and the caller compares number and amount
 * with its own order. */
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
    const char *return_url;   /* where the page leads back to (a return proves nothing, so query); NULL: none */
};

enum ch_alipay_state {
    CH_ALIPAY_OTHER = 0, /* a state that is not known here: treat it as not paid, and ask again */
    CH_ALIPAY_WAITING,   /* WAIT_BUYER_PAY */
    CH_ALIPAY_SUCCESS,   /* paid, and perhaps refunded in part */
    CH_ALIPAY_FINISHED,  /* paid, and too old to be refunded */
    CH_ALIPAY_CLOSED,    /* not paid in time, closed by us, or paid and refunded in full: success_time tells */
};

struct ch_alipay_payment {
    enum ch_alipay_state state;
    const char *out_trade_no;
    const char *trade_no; /* Alipay's number; NULL when Alipay does not say */
    int64_t total_fen;    /* the order's amount; -1 when Alipay does not say */
    int64_t success_time; /* seconds since 1970; 0 before payment */
};

/* alipay.trade.page.pay: the URL to which the browser is sent. Nothing is called here, so Alipay knows the trade only after the
 * payer has begun to pay on that page; until then a query is refused with "ACQ.TRADE_NOT_EXIST". */
enum ch_err ch_alipay_page(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order,
                           const char **url) CH_MUST;

/* alipay.trade.wap.pay: the same for the browser of a phone, where the page opens the app. Whoever gives up is led to return_url,
 * too. */
enum ch_err ch_alipay_wap(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order,
                          const char **url) CH_MUST;

/* alipay.trade.precreate. On CH_ACCEPTED *qr_code is the text of the QR code. The trade does not exist until the code is
 * scanned. The same number with the same particulars may be sent again. */
enum ch_err ch_alipay_precreate(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_order *order,
                                struct ch_answer *answer, const char **qr_code) CH_MUST;

/* alipay.trade.query. CH_REFUSED with code "ACQ.TRADE_NOT_EXIST": nobody has begun to pay, or there is no such order. */
enum ch_err ch_alipay_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no, struct ch_answer *answer,
                            struct ch_alipay_payment *payment) CH_MUST;

/* alipay.trade.close; may be repeated. CH_REFUSED with "ACQ.TRADE_NOT_EXIST": there is nothing to close, but a payer who has
 * the code or the page can still create the trade. CH_REFUSED with "ACQ.TRADE_STATUS_ERROR": it was paid or closed meanwhile,
 * so query it. */
enum ch_err ch_alipay_close(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                            struct ch_answer *answer) CH_MUST;

struct ch_alipay_refund_order {
    const char *out_trade_no;
    const char *out_request_no; /* ours: at most 64 characters, stored before the call; a number is refunded only once */
    int64_t amount_fen;         /* at least 1 */
    const char *reason;         /* at most 256 characters; NULL: none */
};

struct ch_alipay_refunded {
    bool moved; /* fund_change Y: this call moved the money. N: an earlier one did, or the refund is not settled yet */
    const char *trade_no;
    int64_t refunded_fen; /* the sum of all refunds of the trade */
};

/* alipay.trade.refund. CH_ACCEPTED means that Alipay knows the refund by this number; that it is done is said only by `moved`,
 * by ch_alipay_refund_query or by the notification. Tried once: after CH_UNKNOWN call again with the same number and amount. */
enum ch_err ch_alipay_refund(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_refund_order *order,
                             struct ch_answer *answer, struct ch_alipay_refunded *refunded) CH_MUST;

struct ch_alipay_refund_state {
    bool done;          /* REFUND_SUCCESS; false: not refunded, or not yet (Alipay asks to wait ten seconds) */
    int64_t amount_fen; /* of this refund; -1 unless done */
    int64_t at;         /* seconds since 1970; 0 when Alipay does not say */
};

/* alipay.trade.fastpay.refund.query. */
enum ch_err ch_alipay_refund_query(struct ch_arena *a, struct ch_fault *f, const char *out_trade_no,
                                   const char *out_request_no, struct ch_answer *answer,
                                   struct ch_alipay_refund_state *state) CH_MUST;

/* The bill of a day ("2026-11-21", Beijing), which is available from the next morning: first its address
 * (alipay.data.dataservice.bill.downloadurl.query), then the file. A day without trades is CH_ACCEPTED without rows. The rows
 * belong to the arena. */
enum ch_err ch_alipay_bill(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                           const struct ch_bill_row **rows, size_t *n) CH_MUST;

/* --- notifications --- */

enum ch_alipay_event {
    CH_ALIPAY_NOTHING = 0, /* genuine, but about something else: acknowledge it, and do nothing */
    CH_ALIPAY_PAID,
    CH_ALIPAY_REFUND, /* sent to the same address, and repeats the members of the payment */
};

struct ch_alipay_notice {
    const char *id; /* the same when the notification is repeated */
    enum ch_alipay_event event;
    struct ch_alipay_payment payment;
    int64_t refunded_fen;   /* of a refund: the sum of all refunds of the trade */
    const char *out_biz_no; /* of a refund: our out_request_no; NULL when Alipay does not say */
    int64_t refund_time;    /* of a refund: seconds since 1970; 0 when Alipay does not say */
};

/* Verifies and reads the form body of a notification; it must be answered with exactly "success". CH_E_UNAUTHENTICATED: not
 * signed by Alipay. CH_E_MALFORMED: not understood. CH_E_FORBIDDEN: for another app_id or seller. Notifications have no time
 * window: Alipay repeats them for a day, so the caller must act on each only once. */
enum ch_err ch_alipay_notice(struct ch_arena *a, struct ch_fault *f, struct ch_bytes body,
                             struct ch_alipay_notice *notice) CH_MUST;
/* The same with a given key, app_id and seller; ch_alipay_notice calls it. */
struct ch_alipay_trust {
    EVP_PKEY *public_key;
    const char *appid, *seller;
};
enum ch_err ch_alipay_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_trust *trust,
                                  struct ch_bytes body, struct ch_alipay_notice *notice) CH_MUST;

#endif
