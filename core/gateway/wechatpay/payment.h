/* SPDX-License-Identifier: Apache-2.0
 * The transaction object and the refund object of WeChat Pay, which have the same form in answers and in notifications. Only
 * the adapter includes this. */
#ifndef CH_GATEWAY_WECHATPAY_PAYMENT_H
#define CH_GATEWAY_WECHATPAY_PAYMENT_H

#include "core/gateway/wechatpay/wechatpay.h"
#include "core/json/json.h"

/* CH_E_MALFORMED when the object has no number or state, is paid but has no amount or transaction id, or names another currency
 * than yuan. CH_E_FORBIDDEN when it belongs to another merchant or appid. */
enum ch_err ch__wechatpay_payment(struct ch_fault *f, const struct ch_json *node, const char *mchid, const char *appid,
                                  struct ch_wechatpay_payment *out) CH_MUST;

/* `state_member` is "status" in an answer and "refund_status" in a notification. CH_E_MALFORMED when the object lacks one of
 * its numbers, its state or its amounts, or names another currency than yuan. */
enum ch_err ch__wechatpay_refund(struct ch_fault *f, const struct ch_json *node, const char *state_member,
                                 struct ch_wechatpay_refund *out) CH_MUST;

#endif
