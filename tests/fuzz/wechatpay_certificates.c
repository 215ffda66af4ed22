/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the answer that hands out WeChat's platform certificates, which must be opened before its signature can be
 * checked. Input that begins with 'C' is the certificate inside, so that the encryption is got past. */
#include "core/gateway/wechatpay/certificates.h"
#include "core/gateway/wechatpay/sign.h"

#include <stdlib.h>
#include <string.h>

#define V3KEY "0123456789abcdef0123456789abcdef"
#define NOW 1800000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_body(struct ch_arena *a, struct ch_bytes body)
{
    struct ch_wechatpay_certificates list;

    if (!ch_wechatpay_certificates_read(a, body, V3KEY, NOW, &list) && list.n != 0)
        abort(); /* refused, and yet something is kept */
    for (size_t i = 0; i < list.n; i++)
        if (list.at[i].key == NULL || ch_wechatpay_certificate_of(&list, list.at[i].serial, NOW) == NULL)
            abort();
    ch_wechatpay_certificates_free(&list);
}

static void wrap_certificate(struct ch_arena *a, struct ch_bytes plain)
{
    const char *body = ch_printf(a,
                                 "{\"data\":[{\"serial_no\":\"5157F09EFDC096DE15EBE81A47057A7232F1B8E1\","
                                 "\"encrypt_certificate\":{\"algorithm\":\"AEAD_AES_256_GCM\",\"nonce\":\"abcdefghijkl\","
                                 "\"associated_data\":\"certificate\",\"ciphertext\":\"%s\"}}]}",
                                 ch_wechatpay_encrypt(a, V3KEY, "abcdefghijkl", "certificate", plain));
    read_body(a, CH_BYTES(body, strlen(body)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();

    if (size > 0 && data[0] == 'C')
        wrap_certificate(a, CH_BYTES(data + 1, size - 1));
    else
        read_body(a, CH_BYTES(data, size));
    ch_arena_free(a);
    return 0;
}
