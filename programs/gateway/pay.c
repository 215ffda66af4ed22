/* SPDX-License-Identifier: Apache-2.0
 * The checks of the payment vendors: querying a payment that does not exist. */
#include "programs/gateway/gateway.h"

#include "core/gateway/alipay/alipay.h"
#include "core/gateway/wechatpay/wechatpay.h"

#define UNUSED_NUMBER "CHCHECK0000000000000000" /* no payment has this number */

enum ch_err check_wechatpay(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_wechatpay_payment p;

    (void)argument;
    return ch_wechatpay_query(a, f, UNUSED_NUMBER, answer, &p);
}

enum ch_err check_alipay(struct ch_arena *a, struct ch_fault *f, const char *argument, struct ch_answer *answer)
{
    struct ch_alipay_payment p;

    (void)argument;
    return ch_alipay_query(a, f, UNUSED_NUMBER, answer, &p);
}
