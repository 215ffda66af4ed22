/* SPDX-License-Identifier: Apache-2.0
 * A call to WeChat Pay, with the repetition and the circuit breaker of vendor.h. The answer is verified before any of it is
 * read. Only the adapter includes this. */
#ifndef CH_GATEWAY_WECHATPAY_CALL_H
#define CH_GATEWAY_WECHATPAY_CALL_H

#include "core/gateway/vendor.h"
#include "core/json/json.h"

struct ch__wechatpay_call {
    const char *method;
    const char *target; /* path and query */
    const char *body;   /* "" for none */
    enum ch_repeat repeat;
};

/* *root is the answer's JSON object. It is NULL for the empty 204, and when the outcome is CH_UNKNOWN. */
enum ch_err ch__wechatpay_call(struct ch_arena *a, struct ch_fault *f, const struct ch__wechatpay_call *call,
                               struct ch_answer *answer, struct ch_json **root) CH_MUST;

/* The address to which WeChat sends notifications of payments and refunds. */
const char *ch__wechatpay_notify_url(struct ch_arena *a);

#endif
