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

static const unsigned char *const wechat_key = (const unsigned char *)"0123456789abcdef0123456789abcdef";
static const unsigned char *const wechat_nonce = (const unsigned char *)"abcdefghijkl";
static const char wechat_plain[] = "{\"out_trade_no\":\"T20260101000001\",\"trade_state\":\"SUCCESS\"}";
static const char wechat_sealed[] =
    "Eu6myr+6GaECeJdOZPZ6BX5liS+Ltl9qLo8OrOJs/ttO5IKIXDWWxhUJ5MF69qXnvAbp9/gbJaj8gs9xaRa1aK9a6l20FnUJUrI=";

static void gcm_of_wechatpay(void **state)
{
    struct ch_bytes sealed, plain;

    (void)state;
    assert_true(ch_unbase64(a, wechat_sealed, &sealed));
    assert_true(ch_gcm_open(a, wechat_key, wechat_nonce, CH_LIT("transaction"), sealed, &plain));
    assert_int_equal(plain.n, sizeof wechat_plain - 1);
    assert_string_equal((const char *)plain.p, wechat_plain);
    struct ch_bytes ours =
        ch_gcm_seal(a, wechat_key, wechat_nonce, CH_LIT("transaction"), CH_LIT(wechat_plain));
    assert_string_equal(ch_base64(a, ours), wechat_sealed);
}

/* McGrew and Viega, test case 13: no text, no additional data, tag only. */
static void gcm_of_nothing(void **state)
{
    static const unsigned char zero[32];
    struct ch_bytes plain;

    (void)state;
    struct ch_bytes sealed = ch_gcm_seal(a, zero, zero, CH_BYTES(NULL, 0), CH_BYTES(NULL, 0));
    assert_string_equal(ch_hex(a, sealed), "530f8afbc74536b9a963b4f1c4cb738b");
    assert_true(ch_gcm_open(a, zero, zero, CH_BYTES(NULL, 0), sealed, &plain));
    assert_int_equal(plain.n, 0);
}

static void gcm_refuses(void **state)
{
    struct ch_bytes sealed, plain = CH_LIT("untouched");
    unsigned char copy[128], key[32];

    (void)state;
    assert_true(ch_unbase64(a, wechat_sealed, &sealed));
    for (size_t i = 0; i < sealed.n; i++) { /* every single byte counts */
        memcpy(copy, sealed.p, sealed.n);
        copy[i] ^= 1;
        assert_false(ch_gcm_open(a, wechat_key, wechat_nonce, CH_LIT("transaction"), CH_BYTES(copy, sealed.n), &plain));
    }
    for (size_t n = 0; n < sealed.n; n++)
        assert_false(ch_gcm_open(a, wechat_key, wechat_nonce, CH_LIT("transaction"), CH_BYTES(sealed.p, n), &plain));
    assert_false(ch_gcm_open(a, wechat_key, wechat_nonce, CH_LIT("refund"), sealed, &plain));
    assert_false(ch_gcm_open(a, wechat_key, wechat_nonce, CH_BYTES(NULL, 0), sealed, &plain));
    memcpy(key, wechat_key, 32);
    key[31] ^= 1;
    assert_false(ch_gcm_open(a, key, wechat_nonce, CH_LIT("transaction"), sealed, &plain));
    assert_string_equal((const char *)plain.p, "untouched");
}

static void sm4_of_cmb(void **state)
{
    const unsigned char *key = (const unsigned char *)"VuAzSWQhsoNqzn0K";
    const unsigned char *iv = (const unsigned char *)"N003261207000000";
    struct ch_bytes plain;

    (void)state;
    struct ch_bytes sealed = ch_sm4_cbc_encrypt(a, key, iv, CH_LIT("{\"a\":1}"));
    assert_string_equal(ch_base64(a, sealed), "ykLki5IFNOoMBWdytXt+JA==");
    assert_true(ch_sm4_cbc_decrypt(a, key, iv, sealed, &plain));
    assert_int_equal(plain.n, 7);
    assert_string_equal((const char *)plain.p, "{\"a\":1}");
    sealed = ch_sm4_cbc_encrypt(a, key, iv, CH_LIT("sixteen bytes ..")); /* a whole block takes a block of padding */
    assert_int_equal(sealed.n, 32);
    assert_true(ch_sm4_cbc_decrypt(a, key, iv, sealed, &plain));
    assert_int_equal(plain.n, 16);
}

static void sm4_refuses(void **state)
{
    const unsigned char *key = (const unsigned char *)"VuAzSWQhsoNqzn0K", *iv = key;
    struct ch_bytes plain;

    (void)state;
    struct ch_bytes sealed = ch_sm4_cbc_encrypt(a, key, iv, CH_LIT("0123456789"));
    assert_false(ch_sm4_cbc_decrypt(a, key, iv, CH_BYTES(sealed.p, 0), &plain));
    assert_false(ch_sm4_cbc_decrypt(a, key, iv, CH_BYTES(sealed.p, 15), &plain));
    assert_false(ch_sm4_cbc_decrypt(a, (const unsigned char *)"another key 1234", iv, sealed, &plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_of_wechatpay), cmocka_unit_test(gcm_of_nothing), cmocka_unit_test(gcm_refuses),
        cmocka_unit_test(sm4_of_cmb),    cmocka_unit_test(sm4_refuses),
    };
    a = ch_arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return failed;
}
