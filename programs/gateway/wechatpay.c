/* SPDX-License-Identifier: Apache-2.0
 * The check of WeChat's web authorization. WeChat Pay itself is tried as every way of paying is. */
#include "programs/gateway/gateway.h"

#include "core/gateway/wechatpay/wechatpay.h"

enum ch_err check_openid(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    const char *openid;

    (void)argument;
    return ch_wechatpay_openid(a, f, "certhall-check", answer, &openid);
}
