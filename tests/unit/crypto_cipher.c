/* SPDX-License-Identifier: Apache-2.0
 * AES-256-GCM and SM4-CBC: vendors' vectors, and everything that must not open. */
#include "core/crypto/cipher.h"

#include "core/base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static const unsigned char *const wechatpay_key = (const unsigned char *)"0123456789abcdef0123456789abcdef";
static const unsigned char *const wechatpay_nonce = (const unsigned char *)"abcdefghijkl";
static const char wechatpay_plain[] = "{\"out_trade_no\":\"T20260101000001\",\"trade_state\":\"SUCCESS\"}";
static const char wechatpay_encrypted[] =
    "Eu6myr+6GaECeJdOZPZ6BX5liS+Ltl9qLo8OrOJs/ttO5IKIXDWWxhUJ5MF69qXnvAbp9/gbJaj8gs9xaRa1aK9a6l20FnUJUrI=";

static void gcm_of_wechatpay(void **state)
{
    struct ch_bytes encrypted, plain;

    (void)state;
    assert_true(ch_unbase64(a, wechatpay_encrypted, &encrypted));
    assert_true(ch_gcm_decrypt(a, wechatpay_key, wechatpay_nonce, CH_LIT("transaction"), encrypted, &plain));
    assert_int_equal(plain.n, sizeof wechatpay_plain - 1);
    assert_string_equal((const char *)plain.p, wechatpay_plain);
    struct ch_bytes ours =
        ch_gcm_encrypt(a, wechatpay_key, wechatpay_nonce, CH_LIT("transaction"), CH_LIT(wechatpay_plain));
    assert_string_equal(ch_base64(a, ours), wechatpay_encrypted);
}

/* McGrew and Viega, test case 13: no text, no additional data, tag only. */
static void gcm_of_nothing(void **state)
{
    static const unsigned char zero[32];
    struct ch_bytes plain;

    (void)state;
    struct ch_bytes encrypted = ch_gcm_encrypt(a, zero, zero, CH_BYTES(NULL, 0), CH_BYTES(NULL, 0));
    assert_string_equal(ch_hex(a, encrypted), "530f8afbc74536b9a963b4f1c4cb738b");
    assert_true(ch_gcm_decrypt(a, zero, zero, CH_BYTES(NULL, 0), encrypted, &plain));
    assert_int_equal(plain.n, 0);
}

static void gcm_refuses(void **state)
{
    struct ch_bytes encrypted, plain = CH_LIT("untouched");
    unsigned char copy[128], key[32];

    (void)state;
    assert_true(ch_unbase64(a, wechatpay_encrypted, &encrypted));
    for (size_t i = 0; i < encrypted.n; i++) { /* every single byte counts */
        memcpy(copy, encrypted.p, encrypted.n);
        copy[i] ^= 1;
        assert_false(ch_gcm_decrypt(a, wechatpay_key, wechatpay_nonce, CH_LIT("transaction"),
                                    CH_BYTES(copy, encrypted.n), &plain));
    }
    for (size_t n = 0; n < encrypted.n; n++)
        assert_false(
            ch_gcm_decrypt(a, wechatpay_key, wechatpay_nonce, CH_LIT("transaction"), CH_BYTES(encrypted.p, n), &plain));
    assert_false(ch_gcm_decrypt(a, wechatpay_key, wechatpay_nonce, CH_LIT("refund"), encrypted, &plain));
    assert_false(ch_gcm_decrypt(a, wechatpay_key, wechatpay_nonce, CH_BYTES(NULL, 0), encrypted, &plain));
    memcpy(key, wechatpay_key, 32);
    key[31] ^= 1;
    assert_false(ch_gcm_decrypt(a, key, wechatpay_nonce, CH_LIT("transaction"), encrypted, &plain));
    assert_string_equal((const char *)plain.p, "untouched");
}

static void sm4_of_cmb(void **state)
{
    const unsigned char *key = (const unsigned char *)"VuAzSWQhsoNqzn0K";
    const unsigned char *iv = (const unsigned char *)"N003261207000000";
    struct ch_bytes plain;

    (void)state;
    struct ch_bytes encrypted = ch_sm4_cbc_encrypt(a, key, iv, CH_LIT("{\"a\":1}"));
    assert_string_equal(ch_base64(a, encrypted), "ykLki5IFNOoMBWdytXt+JA==");
    assert_true(ch_sm4_cbc_decrypt(a, key, iv, encrypted, &plain));
    assert_int_equal(plain.n, 7);
    assert_string_equal((const char *)plain.p, "{\"a\":1}");
    encrypted = ch_sm4_cbc_encrypt(a, key, iv, CH_LIT("sixteen bytes ..")); /* a whole block takes a block of padding */
    assert_int_equal(encrypted.n, 32);
    assert_true(ch_sm4_cbc_decrypt(a, key, iv, encrypted, &plain));
    assert_int_equal(plain.n, 16);
}

static void sm4_refuses(void **state)
{
    const unsigned char *key = (const unsigned char *)"VuAzSWQhsoNqzn0K", *iv = key;
    struct ch_bytes plain;

    (void)state;
    struct ch_bytes encrypted = ch_sm4_cbc_encrypt(a, key, iv, CH_LIT("0123456789"));
    assert_false(ch_sm4_cbc_decrypt(a, key, iv, CH_BYTES(encrypted.p, 0), &plain));
    assert_false(ch_sm4_cbc_decrypt(a, key, iv, CH_BYTES(encrypted.p, 15), &plain));
    assert_false(ch_sm4_cbc_decrypt(a, (const unsigned char *)"another key 1234", iv, encrypted, &plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_of_wechatpay), cmocka_unit_test(gcm_of_nothing), cmocka_unit_test(gcm_refuses),
        cmocka_unit_test(sm4_of_cmb),       cmocka_unit_test(sm4_refuses),
    };
    a = ch_arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return failed;
}
