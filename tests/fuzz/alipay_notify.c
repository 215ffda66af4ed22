/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the form body of a notification. The input is taken as it is, and once more with a right signature
 * behind it, so that what stands behind the check is reached. */
#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "core/gateway/alipay/alipay.h"
#include "core/gateway/alipay/sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static EVP_PKEY *test_key(void)
{
    static EVP_PKEY *key;
    if (key == NULL)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    if (key == NULL)
        abort();
    return key;
}

static enum ch_err read_notice(struct ch_arena *a, struct ch_bytes body)
{
    const struct ch_alipay_trust trust = {test_key(), "2021000000000001", "2088000000000001"};
    struct ch_alipay_notice n;
    struct ch_fault fault = {0};
    enum ch_err e = ch_alipay_notice_with(a, &fault, &trust, body, &n);

    bool checkable = n.payment.trade_no != NULL && n.payment.total_fen >= 0;
    if (e == CH_OK && (n.id == NULL || (n.event == CH_ALIPAY_PAID && (!checkable || n.refunded_fen > 0)) ||
                       (n.event == CH_ALIPAY_REFUND && n.refunded_fen < 0)))
        abort(); /* believed, but nobody could check what */
    return e;
}

static void sign_and_read(struct ch_arena *a, struct ch_bytes form)
{
    struct ch_alipay_params p = {.n = 0};
    struct ch_buf b;

    if (!ch_alipay_read_form(a, form, &p) || ch_alipay_get(&p, "sign") != NULL || p.n == CH_ALIPAY_MAX_PARAMS)
        return;
    const char *text = ch_alipay_text(a, &p, CH_ALIPAY_NOTIFY);
    ch_buf_init(&b, a);
    ch_buf_add(&b, form.p, form.n);
    ch_buf_printf(&b, "&sign=%s", ch_percent(a, ch_alipay_sign(a, test_key(), CH_BYTES(text, strlen(text)))));
    enum ch_err e = read_notice(a, ch_buf_bytes(&b));
    const char *type = ch_alipay_get(&p, "sign_type");
    if (e == CH_E_UNAUTHENTICATED && type != NULL && strcmp(type, "RSA2") == 0)
        abort(); /* signed over the very text, and not believed */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();

    if (read_notice(a, CH_BYTES(data, size)) == CH_OK)
        abort(); /* nobody has signed it */
    sign_and_read(a, CH_BYTES(data, size));
    ch_arena_free(a);
    return 0;
}
