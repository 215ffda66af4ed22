/* SPDX-License-Identifier: Apache-2.0
 * Reading WeChat Pay's notifications. The signature is verified before anything is read. */
#include "core/gateway/wechatpay/payment.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/gateway/keys.h"
#include "core/gateway/wechatpay/keys.h"
#include "core/gateway/wechatpay/sign.h"

#include <string.h>

static bool text_is(const char *text, const char *wanted)
{
    return text != NULL && strcmp(text, wanted) == 0;
}

static enum ch_err check_signature(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                                   const struct ch_wechatpay_headers *h, struct ch_bytes body)
{
    if (!ch_wechatpay_in_time(h->timestamp, trust->now))
        return ch_fault(f, CH_E_UNAUTHENTICATED, "wechatpay: notification out of its time window");
    if (trust->public_key == NULL)
        return ch_fault(f, CH_E_UNAUTHENTICATED, "wechatpay: unknown serial");
    /* The text that is verified would end at a NUL, the body that is read would not. */
    if (body.n == 0 || memchr(body.p, 0, body.n) != NULL ||
        !ch_wechatpay_verify(a, trust->public_key, ch_wechatpay_answer_text(a, h->timestamp, h->nonce, body), h->signature))
        return ch_fault(f, CH_E_UNAUTHENTICATED, "wechatpay: wrong signature");
    return CH_OK;
}

static enum ch_err decrypt_resource(struct ch_arena *a, struct ch_fault *f, const char *v3key,
                                    const struct ch_json *root, struct ch_json **out)
{
    const struct ch_json *res = ch_json_get(root, "resource");
    const char *nonce = ch_json_text(res, "nonce"), *text = ch_json_text(res, "ciphertext"),
               *aad = ch_json_text(res, "associated_data");
    struct ch_bytes plain;

    if (!text_is(ch_json_text(res, "algorithm"), "AEAD_AES_256_GCM") || nonce == NULL || text == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: resource incomplete");
    if (!ch_wechatpay_decrypt(a, v3key, nonce, aad != NULL ? aad : "", text, &plain))
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: resource cannot be decrypted with the APIv3 key");
    if (ch_json_parse(a, plain, out, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: resource is not JSON");
    return CH_OK;
}

static enum ch_err read_refund(struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                               const struct ch_json *resource, struct ch_wechatpay_notice *notice)
{
    if (!text_is(ch_json_text(resource, "mchid"), trust->mchid))
        return ch_fault(f, CH_E_FORBIDDEN, "wechatpay: refund of another merchant");
    notice->kind = CH_WECHATPAY_ABOUT_REFUND;
    return ch__wechatpay_refund(f, resource, "refund_status", &notice->refund);
}

static enum ch_err read_payment(struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                                const struct ch_json *resource, struct ch_wechatpay_notice *notice)
{
    enum ch_err e = ch__wechatpay_payment(f, resource, trust->mchid, trust->appid, &notice->payment);

    notice->kind = CH_WECHATPAY_ABOUT_PAYMENT;
    notice->paid = e == CH_OK && notice->payment.state == CH_WECHATPAY_SUCCESS;
    return e;
}

typedef enum ch_err resource_reader(struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                                    const struct ch_json *resource, struct ch_wechatpay_notice *notice);

static enum ch_err read_resource(struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                                 const struct ch_json *resource, struct ch_wechatpay_notice *notice)
{
    static const struct {
        const char *event;
        resource_reader *read;
    } events[] = {
        {"TRANSACTION.SUCCESS", read_payment},
        {"REFUND.SUCCESS", read_refund},
        {"REFUND.ABNORMAL", read_refund},
        {"REFUND.CLOSED", read_refund},
    };
    for (size_t i = 0; i < CH_COUNT(events); i++)
        if (strcmp(events[i].event, notice->event_type) == 0)
            return events[i].read(f, trust, resource, notice);
    return CH_OK;
}

enum ch_err ch_wechatpay_notice_with(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_trust *trust,
                                     const struct ch_wechatpay_headers *headers, struct ch_bytes body,
                                     struct ch_wechatpay_notice *notice)
{
    struct ch_json *root = NULL, *resource = NULL;
    enum ch_err e = check_signature(a, f, trust, headers, body);

    if (e != CH_OK)
        return e;
    if (ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: notification is not JSON");
    *notice = (struct ch_wechatpay_notice){.id = ch_json_text(root, "id"), .event_type = ch_json_text(root, "event_type")};
    if (notice->id == NULL || notice->event_type == NULL)
        return ch_fault(f, CH_E_MALFORMED, "wechatpay: notification without id or event");
    e = decrypt_resource(a, f, trust->v3key, root, &resource);
    return e == CH_OK ? read_resource(f, trust, resource, notice) : e;
}

enum ch_err ch_wechatpay_notice(struct ch_arena *a, struct ch_fault *f, const struct ch_wechatpay_headers *headers,
                                struct ch_bytes body, struct ch_wechatpay_notice *notice)
{
    struct ch_wechatpay_trust trust = {
        .public_key = ch__wechatpay_key(a, headers->serial),
        .v3key = ch_keys_secret(CONF_WECHATPAY_V3KEY),
        .mchid = ch_conf(CONF_WECHATPAY_MCHID),
        .appid = ch_conf(CONF_WECHATPAY_APPID),
        .now = ch_now_ms() / 1000,
    };
    if (trust.v3key == NULL)
        return ch_fault(f, CH_E_INTERNAL, "wechatpay: no APIv3 key");
    return ch_wechatpay_notice_with(a, f, &trust, headers, body, notice);
}
