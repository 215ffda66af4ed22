/* SPDX-License-Identifier: Apache-2.0
 * Reading the transaction object and the refund object of WeChat Pay. */
#include "core/gateway/wechatpay/payment.h"

#include "core/base/clock.h"

#include <string.h>

static enum ch_wechatpay_state state_of(const char *word)
{
    static const struct {
        const char *word;
        enum ch_wechatpay_state state;
    } words[] = {
        {"SUCCESS", CH_WECHATPAY_SUCCESS},   {"REFUND", CH_WECHATPAY_REFUND},   {"NOTPAY", CH_WECHATPAY_NOTPAY},
        {"CLOSED", CH_WECHATPAY_CLOSED},     {"REVOKED", CH_WECHATPAY_REVOKED}, {"USERPAYING", CH_WECHATPAY_USERPAYING},
        {"PAYERROR", CH_WECHATPAY_PAYERROR},
    };
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].state;
    return CH_WECHATPAY_OTHER;
}

static bool text_is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

/* Every amount of ours is in yuan. Notifications of refunds leave the currency out; a transaction may. */
static bool is_in_yuan(const struct ch_json *amount)
{
    return ch_json_get(amount, "currency") == NULL || text_is(ch_json_text(amount, "currency"), "CNY");
}

/* Seconds since 1970; 0 when there is no time. */
static int64_t read_time(const char *text)
{
    int64_t at = text != NULL ? ch_parse_rfc3339(text) : 0;
    return at > 0 ? at : 0;
}

enum ch_err ch__wechatpay_payment(struct ch_fault *f, const struct ch_json *node, const char *mchid, const char *appid,
                                  struct ch_wechatpay_payment *out)
{
    const struct ch_json *amount = ch_json_get(node, "amount");
    const char *state = ch_json_text(node, "trade_state");

    *out = (struct ch_wechatpay_payment){.out_trade_no = ch_json_text(node, "out_trade_no"), .total_fen = -1};
    if (out->out_trade_no == NULL || state == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: transaction without number or state");
    if (!text_is(ch_json_text(node, "mchid"), mchid) || !text_is(ch_json_text(node, "appid"), appid))
        return ch_fault(f, CH_E_FORBIDDEN, "wechatpay: transaction of another merchant or appid");
    out->state = state_of(state);
    out->transaction_id = ch_json_text(node, "transaction_id");
    out->attach = ch_json_text(node, "attach");
    if (!ch_json_int(amount, "total", &out->total_fen))
        out->total_fen = -1;
    out->success_time = read_time(ch_json_text(node, "success_time"));
    if (!is_in_yuan(amount))
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: transaction in another currency");
    bool paid = out->state == CH_WECHATPAY_SUCCESS || out->state == CH_WECHATPAY_REFUND;
    if (paid && (out->transaction_id == NULL || out->total_fen < 0))
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: paid, but without amount or transaction id");
    return CH_OK;
}

static enum ch_wechatpay_refund_state refund_state_of(const char *word)
{
    static const struct {
        const char *word;
        enum ch_wechatpay_refund_state state;
    } words[] = {
        {"SUCCESS", CH_WECHATPAY_REFUND_SUCCESS},
        {"CLOSED", CH_WECHATPAY_REFUND_CLOSED},
        {"PROCESSING", CH_WECHATPAY_REFUND_PROCESSING},
        {"ABNORMAL", CH_WECHATPAY_REFUND_ABNORMAL},
    };
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].state;
    return CH_WECHATPAY_REFUND_OTHER;
}

enum ch_err ch__wechatpay_refund(struct ch_fault *f, const struct ch_json *node, const char *state_member,
                                 struct ch_wechatpay_refund *out)
{
    const struct ch_json *amount = ch_json_get(node, "amount");
    const char *state = ch_json_text(node, state_member), *account = ch_json_text(node, "user_received_account");

    *out = (struct ch_wechatpay_refund){
        .out_trade_no = ch_json_text(node, "out_trade_no"),
        .out_refund_no = ch_json_text(node, "out_refund_no"),
        .refund_id = ch_json_text(node, "refund_id"),
        .success_time = read_time(ch_json_text(node, "success_time")),
        .account = account != NULL ? account : "",
    };
    if (state == NULL || out->out_trade_no == NULL || out->out_refund_no == NULL || out->refund_id == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: refund without its numbers or state");
    if (!ch_json_int(amount, "refund", &out->refund_fen) || !ch_json_int(amount, "total", &out->total_fen) ||
        out->refund_fen < 1 || out->refund_fen > out->total_fen)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: refund without its amounts");
    if (!is_in_yuan(amount))
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: refund in another currency");
    out->state = refund_state_of(state);
    return CH_OK;
}
