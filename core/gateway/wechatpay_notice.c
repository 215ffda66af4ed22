/* SPDX-License-Identifier: Apache-2.0
 * Reading what WeChat reports: trust first, contents after. */
#include "core/gateway/wechatpay_payment.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/gateway/keys.h"
#include "core/gateway/wechatpay_sign.h"

#include <string.h>

static enum ch_wechat_state state_of(const char *word)
{
    static const struct {
        const char *word;
        enum ch_wechat_state state;
    } words[] = {
        {"SUCCESS", CH_WECHAT_SUCCESS},       {"REFUND", CH_WECHAT_REFUND},   {"NOTPAY", CH_WECHAT_NOTPAY},
        {"CLOSED", CH_WECHAT_CLOSED},         {"REVOKED", CH_WECHAT_REVOKED}, {"USERPAYING", CH_WECHAT_USERPAYING},
        {"PAYERROR", CH_WECHAT_PAYERROR},
    };
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].state;
    return CH_WECHAT_OTHER;
}

static bool is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

enum ch_err ch__wechat_payment(struct ch_fault *f, const struct ch_json *node, const char *mchid, const char *appid,
                               struct ch_wechat_payment *out)
{
    const struct ch_json *amount = ch_json_get(node, "amount");
    const char *state = ch_json_text(node, "trade_state"), *success = ch_json_text(node, "success_time");

    *out = (struct ch_wechat_payment){.out_trade_no = ch_json_text(node, "out_trade_no"), .total_fen = -1};
    if (out->out_trade_no == NULL || state == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: transaction without number or state");
    if (!is(ch_json_text(node, "mchid"), mchid) || !is(ch_json_text(node, "appid"), appid))
        return ch_fault(f, CH_E_FORBIDDEN, "wechatpay: transaction of another merchant or appid");
    out->state = state_of(state);
    out->transaction_id = ch_json_text(node, "transaction_id");
    out->currency = ch_json_text(amount, "currency");
    out->attach = ch_json_text(node, "attach");
    if (!ch_json_int(amount, "total", &out->total_fen))
        out->total_fen = -1;
    if (success != NULL && (out->success_time = ch_parse_rfc3339(success)) < 0)
        out->success_time = 0;
    bool paid = out->state == CH_WECHAT_SUCCESS || out->state == CH_WECHAT_REFUND;
    if (paid && (out->transaction_id == NULL || out->total_fen < 0))
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: paid, but without amount or transaction id");
    return CH_OK;
}

static enum ch_err check_signature(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_trust *trust,
                                   const struct ch_wechat_headers *h, struct ch_bytes body)
{
    if (!ch_wechat_in_time(h->timestamp, trust->now))
        return ch_fault(f, CH_E_UNAUTHENTICATED, "wechatpay: notification out of its time window");
    if (trust->public_key == NULL)
        return ch_fault(f, CH_E_UNAUTHENTICATED, "wechatpay: unknown serial");
    /* A NUL would end the text that is checked before the body that is read. */
    if (body.n == 0 || memchr(body.p, 0, body.n) != NULL ||
        !ch_wechat_verify(a, trust->public_key, ch_wechat_answer_text(a, h->timestamp, h->nonce, body), h->signature))
        return ch_fault(f, CH_E_UNAUTHENTICATED, "wechatpay: wrong signature");
    return CH_OK;
}

static enum ch_err open_resource(struct ch_arena *a, struct ch_fault *f, const char *v3key, const struct ch_json *root,
                                 struct ch_json **out)
{
    const struct ch_json *res = ch_json_get(root, "resource");
    const char *nonce = ch_json_text(res, "nonce"), *text = ch_json_text(res, "ciphertext"),
               *aad = ch_json_text(res, "associated_data");
    struct ch_bytes plain;

    if (!is(ch_json_text(res, "algorithm"), "AEAD_AES_256_GCM") || nonce == NULL || text == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: resource incomplete");
    if (!ch_wechat_open(a, v3key, nonce, aad != NULL ? aad : "", text, &plain))
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: resource does not open with the APIv3 key");
    if (ch_json_parse(a, plain, out, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: resource is no JSON");
    return CH_OK;
}

enum ch_err ch_wechat_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_trust *trust,
                                  const struct ch_wechat_headers *headers, struct ch_bytes body,
                                  struct ch_wechat_notice *notice)
{
    struct ch_json *root = NULL, *resource = NULL;
    enum ch_err e = check_signature(a, f, trust, headers, body);

    if (e != CH_OK)
        return e;
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: notification is no JSON");
    *notice = (struct ch_wechat_notice){.id = ch_json_text(root, "id"), .event_type = ch_json_text(root, "event_type")};
    if (notice->id == NULL || notice->event_type == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: notification without id or event");
    e = open_resource(a, f, trust->v3key, root, &resource);
    if (e != CH_OK || strcmp(notice->event_type, "TRANSACTION.SUCCESS") != 0)
        return e;
    e = ch__wechat_payment(f, resource, trust->mchid, trust->appid, &notice->payment);
    notice->paid = e == CH_OK && notice->payment.state == CH_WECHAT_SUCCESS;
    return e;
}

enum ch_err ch_wechat_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_wechat_headers *headers,
                             struct ch_bytes body, struct ch_wechat_notice *notice)
{
    struct ch_wechat_trust trust = {
        .public_key = ch_vendor_public_of(CONF_WECHAT_PUBKEYS, headers->serial),
        .v3key = ch_vendor_secret(CONF_WECHAT_V3KEY),
        .mchid = ch_conf(CONF_WECHAT_MCHID),
        .appid = ch_conf(CONF_WECHAT_APPID),
        .now = ch_now_ms() / 1000,
    };
    if (trust.v3key == NULL)
        return ch_fault(f, CH_E_INTERNAL, "wechatpay: no APIv3 key");
    return ch_wechat_notice_with(a, f, &trust, headers, body, notice);
}
