/* SPDX-License-Identifier: Apache-2.0
 * The transaction object and the refund object of WeChat Pay, which query and notification share. Only the adapter
 * includes this. */
#ifndef CH_GATEWAY_WECHATPAY_PAYMENT_H
#define CH_GATEWAY_WECHATPAY_PAYMENT_H

#include "core/gateway/wechatpay/wechatpay.h"
#include "core/json/json.h"

/* CH_E_MALFORMED when it lacks number or state, or says paid without amount and transaction id;
 * CH_E_FORBIDDEN when it belongs to another merchant or appid. */
enum ch_err ch__wechatpay_payment(struct ch_fault *f, const struct ch_json *node, const char *mchid, const char *appid,
                                  struct ch_wechatpay_payment *out) CH_MUST;

/* The answer's member "status" is the notification's "refund_status". CH_E_MALFORMED when it lacks one of its numbers,
 * its state or its amounts. */
enum ch_err ch__wechatpay_refund(struct ch_fault *f, const struct ch_json *node, const char *state_member,
                                 struct ch_wechatpay_refund *out) CH_MUST;

#endif
