/* SPDX-License-Identifier: Apache-2.0
 * Reading Alipay's notifications. The signature is verified before anything is read. */
#include "core/gateway/alipay/answer.h"
#include "core/gateway/alipay/sign.h"
#include "core/gateway/amount.h"
#include "core/gateway/keys.h"

#include <string.h>

static bool text_is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

static enum ch_err check_trust(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_trust *trust,
                               const struct ch_alipay_params *p)
{
    const char *sign = ch_alipay_get(p, "sign"), *text = ch_alipay_text(a, p, CH_ALIPAY_NOTIFY);

    if (sign == NULL || !text_is(ch_alipay_get(p, "sign_type"), "RSA2") ||
        !ch_alipay_verify(a, trust->public_key, CH_BYTES(text, strlen(text)), sign))
        return ch_fault(f, CH_E_UNAUTHENTICATED, "alipay: wrong signature");
    if (!text_is(ch_alipay_get(p, "app_id"), trust->appid) || !text_is(ch_alipay_get(p, "seller_id"), trust->seller))
        return ch_fault(f, CH_E_FORBIDDEN, "alipay: notification for another app_id or seller");
    return CH_OK;
}

/* Reads the amount in a parameter, in fen; -1 when the parameter is missing. False when it is not an amount. */
static bool read_amount(const struct ch_alipay_params *p, const char *name, int64_t *fen)
{
    const char *text = ch_alipay_get(p, name);

    *fen = text != NULL ? ch_amount_read(text) : -1;
    return text == NULL || *fen >= 0;
}

static bool is_in_yuan(const struct ch_alipay_params *p)
{
    for (size_t i = 0; i < CH_ALIPAY_CURRENCIES; i++) {
        const char *currency = ch_alipay_get(p, ch_alipay_currencies[i]);
        if (currency != NULL && strcmp(currency, "CNY") != 0)
            return false;
    }
    return true;
}

/* The notification of a refund repeats the members of the payment, trade_status included. Only its additional members show
 * that it is about a refund. */
static enum ch_alipay_event event_of(const struct ch_alipay_params *p, const struct ch_alipay_notice *n)
{
    if (n->refunded_fen > 0 || ch_alipay_get(p, "gmt_refund") != NULL)
        return CH_ALIPAY_REFUND;
    bool paid = n->payment.state == CH_ALIPAY_SUCCESS || n->payment.state == CH_ALIPAY_FINISHED;
    return paid ? CH_ALIPAY_PAID : CH_ALIPAY_NOTHING;
}

static enum ch_err read_notice(struct ch_fault *f, const struct ch_alipay_params *p, struct ch_alipay_notice *n)
{
    const char *state = ch_alipay_get(p, "trade_status");

    n->id = ch_alipay_get(p, "notify_id");
    n->payment.out_trade_no = ch_alipay_get(p, "out_trade_no");
    if (n->id == NULL || n->payment.out_trade_no == NULL || state == NULL)
        return ch_fault(f, CH_E_MALFORMED, "alipay: notification without id, number or state");
    if (!read_amount(p, "total_amount", &n->payment.total_fen) || !read_amount(p, "refund_fee", &n->refunded_fen))
        return ch_fault(f, CH_E_MALFORMED, "alipay: notification with a wrong amount");
    if (!is_in_yuan(p))
        return ch_fault(f, CH_E_MALFORMED, "alipay: notification of a trade in another currency");
    n->payment.state = ch_alipay_state_of(state);
    n->payment.trade_no = ch_alipay_get(p, "trade_no");
    n->payment.success_time = ch_alipay_time(ch_alipay_get(p, "gmt_payment"));
    n->out_biz_no = ch_alipay_get(p, "out_biz_no");
    n->refund_time = ch_alipay_time(ch_alipay_get(p, "gmt_refund"));
    n->event = event_of(p, n);
    if (n->event == CH_ALIPAY_PAID && (n->payment.trade_no == NULL || n->payment.total_fen < 0))
        return ch_fault(f, CH_E_MALFORMED, "alipay: paid, but without amount or trade_no");
    if (n->event == CH_ALIPAY_REFUND && n->refunded_fen < 0)
        return ch_fault(f, CH_E_MALFORMED, "alipay: refunded, but without amount");
    return CH_OK;
}

enum ch_err ch_alipay_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_alipay_trust *trust,
                                  struct ch_bytes body, struct ch_alipay_notice *notice)
{
    struct ch_alipay_params p = {.n = 0};

    *notice = (struct ch_alipay_notice){.refunded_fen = -1, .payment.total_fen = -1};
    if (!ch_alipay_read_form(a, body, &p))
        return ch_fault(f, CH_E_MALFORMED, "alipay: notification is not a form");
    enum ch_err e = check_trust(a, f, trust, &p);
    return e == CH_OK ? read_notice(f, &p, notice) : e;
}

enum ch_err ch_alipay_notice(struct ch_arena *a, struct ch_fault *f, struct ch_bytes body, struct ch_alipay_notice *notice)
{
    const struct ch_alipay_trust trust = {
        .public_key = ch_keys_public(CONF_ALIPAY_PUBKEY),
        .appid = ch_conf(CONF_ALIPAY_APPID),
        .seller = ch_conf(CONF_ALIPAY_SELLER),
    };
    if (trust.public_key == NULL)
        return ch_fault(f, CH_E_INTERNAL, "alipay: Alipay's public key is missing");
    return ch_alipay_notice_with(a, f, &trust, body, notice);
}
