/* SPDX-License-Identifier: Apache-2.0
 * Digests, MACs and HKDF against published vectors. */
#include "core/crypto/digest.h"

#include "core/base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static char *hex(const unsigned char *p, size_t n)
{
    return ch_hex(a, CH_BYTES(p, n));
}

static struct ch_bytes unhex(const char *s)
{
    struct ch_bytes b;
    assert_true(ch_unhex(a, s, &b));
    return b;
}

static struct ch_bytes text(const char *s)
{
    return CH_BYTES(s, strlen(s));
}

static void sha256_of_fips_180(void **state)
{
    (void)state;
    assert_string_equal(ch_sha256_hex(a, CH_LIT("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(ch_sha256_hex(a, CH_LIT("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(ch_sha256_hex(a, CH_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void sm3_of_gb_t_32905(void **state)
{
    unsigned char out[CH_SM3_BYTES];
    char long_text[65] = "";

    (void)state;
    ch_sm3(CH_LIT("abc"), out);
    assert_string_equal(hex(out, 32), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    for (int i = 0; i < 16; i++)
        strcat(long_text, "abcd");
    ch_sm3(text(long_text), out);
    assert_string_equal(hex(out, 32), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

static void hmac_of_rfc_4231(void **state)
{
    unsigned char out[CH_SHA256_BYTES];

    (void)state;
    ch_hmac_sha256(CH_LIT("Jefe"), CH_LIT("what do ya want for nothing?"), out);
    assert_string_equal(hex(out, 32), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    ch_hmac_sha256(CH_BYTES(NULL, 0), CH_LIT(""), out); /* an empty key is a key */
    assert_string_equal(hex(out, 32), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* The example of Tencent Cloud's documentation, from the payload to the signature. */
static void tc3_chain(void **state)
{
    const char *payload =
        "{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": \"instance-name\"}]}";
    unsigned char key[32];

    (void)state;
    char *request = ch_printf(a,
                              "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\n"
                              "x-tc-action:describeinstances\n\ncontent-type;host;x-tc-action\n%s",
                              ch_sha256_hex(a, text(payload)));
    char *to_sign =
        ch_printf(a, "TC3-HMAC-SHA256\n1551113065\n2019-02-25/cvm/tc3_request\n%s", ch_sha256_hex(a, text(request)));
    ch_hmac_sha256(CH_LIT("TC3********************************"), CH_LIT("2019-02-25"), key);
    ch_hmac_sha256(CH_BYTES(key, 32), CH_LIT("cvm"), key);
    ch_hmac_sha256(CH_BYTES(key, 32), CH_LIT("tc3_request"), key);
    ch_hmac_sha256(CH_BYTES(key, 32), text(to_sign), key);
    assert_string_equal(hex(key, 32), "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f");
}

/* RFC 5869 A.3: neither salt nor info, longer than one block. */
static void hkdf_of_rfc_5869(void **state)
{
    unsigned char out[42];

    (void)state;
    ch_hkdf(unhex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), "", out, sizeof out);
    assert_string_equal(hex(out, sizeof out),
                        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    /* With an info text: `openssl kdf … -kdfopt info:blind HKDF`. */
    ch_hkdf(unhex("0b0b0b0b"), "blind", out, 32);
    assert_string_equal(hex(out, 32), "99838504497131c4a911befce1e6b9b65e04eee50c31c3b51db60f4c3fe28b43");
}

static void comparison(void **state)
{
    (void)state;
    assert_true(ch_same(CH_LIT("same"), CH_LIT("same")));
    assert_false(ch_same(CH_LIT("same"), CH_LIT("sane")));
    assert_false(ch_same(CH_LIT("same"), CH_LIT("same ")));
    assert_true(ch_same(CH_BYTES(NULL, 0), CH_LIT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_fips_180), cmocka_unit_test(sm3_of_gb_t_32905), cmocka_unit_test(hmac_of_rfc_4231),
        cmocka_unit_test(tc3_chain),          cmocka_unit_test(hkdf_of_rfc_5869),  cmocka_unit_test(comparison),
    };
    a = ch_arena_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return failed;
}
