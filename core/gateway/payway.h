/* SPDX-License-Identifier: Apache-2.0
 * One interface for the ways of paying online: what WeChat Pay and Alipay have in common, in the hall's terms. A channel is
 * the code of a row of hall.payment_channel. */
#ifndef CH_GATEWAY_PAYWAY_H
#define CH_GATEWAY_PAYWAY_H

#include "core/gateway/bill.h"
#include "core/gateway/vendor.h"

struct ch_pay_order {
    const char *number;      /* our number of the payment, stored before the call */
    const char *description; /* shown to the payer */
    int64_t total_fen;
    int64_t expires;        /* seconds since 1970 */
    const char *return_url; /* where the vendor's page leads back to (a return proves nothing); NULL: nowhere */
    const char *payer_ip;   /* of whoever opens the page of a phone; NULL: unknown */
    const char *payer;      /* who pays in the vendor's own app (struct ch_pay_inside); NULL elsewhere */
};

/* Paying in the browser that the vendor's own app has, where no other page of the vendor works. The browser is sent to `ask`, and
 * comes back with a code, by which the vendor tells once whose it is. For that payer an order is opened, and a request for it is
 * handed to the app by our page. What the app tells the page proves nothing. */
struct ch_pay_inside {
    enum ch_vendor vendor; /* that knows the payers */
    enum ch_conf set_up;   /* a setting that is not empty where people can pay so */
    /* Where the browser is sent. It comes back to `return_url`, with `code` and `state` in its query; the state is at most 128 letters
     * and digits. */
    const char *(*ask)(struct ch_arena *a, const char *return_url, const char *state);
    /* CH_REFUSED: the code is used, too old, or another's. */
    enum ch_err (*payer)(struct ch_arena *a, struct ch_fault *f, const char *code, struct ch_answer *answer,
                         const char **payer);
    /* *opened stands for the order until it expires. */
    enum ch_err (*open)(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                        struct ch_answer *answer, const char **opened);
    /* The request, a JSON object, good for minutes; it may be made as often as it is needed. */
    enum ch_err (*request)(struct ch_arena *a, struct ch_fault *f, const char *opened, const char **json);
};

enum ch_pay_progress {
    CH_PAY_WAITING = 0, /* not paid yet, or a state that is not known here: ask again */
    CH_PAY_PAID,        /* paid; it may have been refunded since */
    CH_PAY_CLOSED,      /* nobody can pay it any more */
    CH_PAY_UNSEEN,      /* the vendor does not know the number, or does not know it yet */
};

struct ch_pay_state {
    enum ch_pay_progress progress;
    const char *vendor_no; /* NULL unless paid */
    int64_t total_fen;     /* -1 when the vendor does not say */
    int64_t paid_at;       /* seconds since 1970; 0 unless paid */
};

struct ch_refund_order {
    const char *number;        /* of the payment */
    const char *refund_number; /* our number of the refund, stored before the call; a repetition carries the same one */
    const char *reason;        /* may be shown to the payer */
    int64_t refund_fen, total_fen;
};

enum ch_refund_progress {
    CH_REFUND_WAITING = 0, /* accepted, but the payer does not have the money yet: ask again */
    CH_REFUND_DONE,
    CH_REFUND_FAILED, /* the money will not arrive by itself: somebody must look after it */
    CH_REFUND_UNSEEN, /* the vendor does not know the number: the refund may be sent, or sent again */
};

struct ch_refund_state {
    enum ch_refund_progress progress;
    const char *vendor_no; /* or NULL */
    int64_t at;            /* seconds since 1970; 0 when the vendor does not say */
};

/* A report of the vendor, as it came in. */
struct ch_pay_report {
    struct ch_bytes body;
    const char *(*header)(const void *of, const char *name); /* the value of "Wechatpay-Serial"; "" when it is not there */
    const void *of;
};

/* What a report says, in the hall's terms. */
struct ch_pay_notice {
    enum {
        CH_PAY_ABOUT_NOTHING = 0, /* it is genuine, and nothing has to be done */
        CH_PAY_ABOUT_PAYMENT,     /* it is paid */
        CH_PAY_ABOUT_REFUND,      /* it has arrived, or it has failed */
    } about;
    const char *id;        /* of a payment's: the same when the report is repeated */
    const char *number;    /* of the payment or the refund: ours */
    const char *vendor_no; /* theirs; NULL when a refund's report does not say */
    int64_t fen;
    int64_t at;      /* seconds since 1970; 0 when a refund's report does not say */
    const char *why; /* why the refund has failed; NULL: it has arrived */
};

/* Each function but `notice` returns and answers as every function of an adapter does (outcome.h). Its outputs count on
 * CH_ACCEPTED only. */
struct ch_pay_way {
    const char *channel; /* "wechatpay" */
    enum ch_vendor vendor;
    enum ch_conf set_up; /* a setting that is not empty where this way of paying can be used */
    /* *code is the text of the QR code. The same number with the same particulars may be opened again. */
    enum ch_err (*open)(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                        struct ch_answer *answer, const char **code);
    /* *url is the vendor's own page, for a browser on a desktop; making it needs no call. The pointer is NULL where the vendor
     * has no such page. A number may be used for a page or for a code, not for both. */
    enum ch_err (*page)(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order, const char **url);
    /* *url is the vendor's page for a phone's browser, which leads to the app on the same phone. It may be good for minutes
     * only; the same number may be asked for again. The pointer is NULL where the vendor has no such page. */
    enum ch_err (*phone)(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_order *order,
                         struct ch_answer *answer, const char **url);
    const struct ch_pay_inside *inside; /* NULL: nobody pays in the vendor's own app's browser */
    enum ch_err (*query)(struct ch_arena *a, struct ch_fault *f, const char *number, struct ch_answer *answer,
                         struct ch_pay_state *state);
    /* CH_ACCEPTED: nobody can pay it any more, or there was nothing to close. CH_REFUSED: it may be paid, so query it. */
    enum ch_err (*close)(struct ch_arena *a, struct ch_fault *f, const char *number, struct ch_answer *answer);
    /* Tries once. After CH_UNKNOWN ask refund_query, and send the refund again only when the vendor has not seen it. */
    enum ch_err (*refund)(struct ch_arena *a, struct ch_fault *f, const struct ch_refund_order *order,
                          struct ch_answer *answer, struct ch_refund_state *state);
    enum ch_err (*refund_query)(struct ch_arena *a, struct ch_fault *f, const struct ch_refund_order *order,
                                struct ch_answer *answer, struct ch_refund_state *state);
    /* The vendor's bill of a day ("2026-11-21", Beijing). CH_REFUSED: the bill is not ready yet, or no longer kept. */
    enum ch_err (*bill)(struct ch_arena *a, struct ch_fault *f, const char *day, struct ch_answer *answer,
                        const struct ch_bill_row **rows, size_t *n);
    /* Verifies and reads a report. CH_E_UNAUTHENTICATED: not signed by the vendor. CH_E_MALFORMED: signed, but not understood.
     * CH_E_FORBIDDEN: for another customer. */
    enum ch_err (*notice)(struct ch_arena *a, struct ch_fault *f, const struct ch_pay_report *report,
                          struct ch_pay_notice *notice);
    const char *thanks; /* the answer that ends the repetitions of a report; NULL: 204 without a body */
};

/* The way of paying of a channel, or NULL. */
const struct ch_pay_way *ch_payway_of(const char *channel);
/* All ways of paying, ended by NULL. */
extern const struct ch_pay_way *const ch_pay_ways[];

/* Each is in the folder of its vendor. */
#define CH_PAY_WAY(word) extern const struct ch_pay_way ch_pay_##word;
#include "core/gateway/vendor_all.tbl"

#endif
