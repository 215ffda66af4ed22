/* SPDX-License-Identifier: Apache-2.0
 * Alipay's signatures over answers, notifications, and the parameters that the browser takes back to the merchant. */
#include "modules/sandbox/alipay/alipay.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

char *alipay_pen(struct ch_arena *a, const char *text)
{
    char *sign = ch_alipay_sign(a, sandbox_register()->alipay_platform, CH_BYTES(text, strlen(text)));

    if (sign == NULL)
        abort(); /* the key signed when the process started */
    return sign;
}

void alipay_sign(struct ch_arena *a, struct ch_alipay_params *p)
{
    const char *sign = alipay_pen(a, ch_alipay_text(a, p, CH_ALIPAY_NOTIFY));

    ch_alipay_add(p, "sign_type", "RSA2");
    ch_alipay_add(p, "sign", sign);
}
