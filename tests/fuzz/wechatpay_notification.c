/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: a payment notification after its signature was found right, so that the parser behind it is reached.
 *
 * The input is the decrypted transaction when it begins with 'T', the decrypted refund when with 'R', the body of the
 * notification when with 'B', and an Authorization header otherwise. Every input must be taken or refused, without a sanitizer's report. */
#include "core/crypto/sign.h"
#include "core/gateway/wechatpay/sign.h"
#include "core/gateway/wechatpay/wechatpay.h"

#include <stdlib.h>
#include <string.h>

#define V3KEY "0123456789abcdef0123456789abcdef"

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

static void read_notice(struct ch_arena *a, struct ch_bytes body)
{
    struct ch_wechatpay_trust trust = {test_key(), V3KEY, "1900000109", "wx0000000000000001", 1767225600};
    struct ch_wechatpay_headers headers = {"1767225600", "nonce", NULL, "PUB_KEY_ID_1"};
    struct ch_wechatpay_notice notice;
    struct ch_fault fault = {0};

    headers.signature =
        ch_wechatpay_sign(a, trust.public_key, ch_wechatpay_answer_text(a, headers.timestamp, headers.nonce, body));
    enum ch_err e = ch_wechatpay_notice_with(a, &fault, &trust, &headers, body, &notice);
    if (e == CH_OK && notice.paid && (notice.payment.transaction_id == NULL || notice.payment.total_fen < 0))
        abort(); /* paid, but nobody could check what */
    if (e == CH_OK && notice.kind == CH_WECHATPAY_ABOUT_REFUND &&
        (notice.refund.out_refund_no == NULL || notice.refund.refund_fen < 1))
        abort();
}

static void wrap(struct ch_arena *a, const char *event, struct ch_bytes plain)
{
    char *text = ch_wechatpay_encrypt(a, V3KEY, "abcdefghijkl", "transaction", plain);
    const char *body = ch_printf(a,
                                 "{\"id\":\"1\",\"event_type\":\"%s\",\"resource\":{\"algorithm\":"
                                 "\"AEAD_AES_256_GCM\",\"nonce\":\"abcdefghijkl\",\"associated_data\":\"transaction\","
                                 "\"ciphertext\":\"%s\"}}",
                                 event, text);
    read_notice(a, CH_BYTES(body, strlen(body)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_wechatpay_credential c;

    if (size > 0 && data[0] == 'T')
        wrap(a, "TRANSACTION.SUCCESS", CH_BYTES(data + 1, size - 1));
    else if (size > 0 && data[0] == 'R')
        wrap(a, "REFUND.SUCCESS", CH_BYTES(data + 1, size - 1));
    else if (size > 0 && data[0] == 'B')
        read_notice(a, CH_BYTES(data + 1, size - 1));
    else if (ch_wechatpay_read_authorization(a, ch_strndup(a, data, size), &c) && c.signature == NULL)
        abort();
    ch_arena_free(a);
    return 0;
}
