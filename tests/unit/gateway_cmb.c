/* SPDX-License-Identifier: Apache-2.0
 * CMB CloudDC: the bank's published cipher example, an answer signed by sm-crypto under a key that was thrown away, and
 * everything that must be refused. */
#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "core/gateway/amount.h"
#include "core/gateway/cmb/cmb.h"
#include "core/gateway/cmb/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UID "N003261207"

static struct ch_arena *a;
static EVP_PKEY *bank, *own;

static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEoWSPH9yXecVcW5uXeFehmlxKSwan\n"
                                 "VJjfnGufuPlKAMbF+C6yH+4fbwAn4mwQkFYfAqyOvlzUlOG0DVxdIgmEuA==\n"
                                 "-----END PUBLIC KEY-----\n";

#define HEAD \
    "{\"response\":{\"body\":{\"bb1payqrz1\":[{\"nusAge\":\"账户验证码A1B2C3\",\"reqNbr\":\"1028000001\"," \
    "\"reqSts\":\"FIN\",\"rtnFlg\":\"S\",\"trsAmt\":\"0.01\",\"yurRef\":\"P20260101000001\"}]},\"head\":{\"bizcode\":\"CDC\"," \
    "\"funcode\":\"BB1PAYQR\",\"reqid\":\"20260101080000123456789012345\",\"resultcode\":\"SUC0000\",\"resultmsg\":\"\"," \
    "\"rspid\":\"R1\",\"userid\":\"N003261207\"}},"
#define SIGDAT "CcJqXOBEETkZYAIRUQa0zOiDmlCqh5HT7G3zQ7Vi5MoxX8Z+zmTiGeeJ6VRzJ0tZYoW1y2oN/GZYZaxMaPdRdA=="
#define SIGTIM "\"sigtim\":\"20260101080000\""

static const char answer[] = HEAD "\"signature\":{\"sigdat\":\"" SIGDAT "\"," SIGTIM "}}";
/* The same with members in another order: what is signed is sorted in any case. */
static const char unsorted[] =
    "{\"signature\":{" SIGTIM ",\"sigdat\":\"" SIGDAT "\"},"
    "\"response\":{\"head\":{\"bizcode\":\"CDC\",\"userid\":\"N003261207\",\"funcode\":\"BB1PAYQR\",\"rspid\":\"R1\","
    "\"reqid\":\"20260101080000123456789012345\",\"resultcode\":\"SUC0000\",\"resultmsg\":\"\"},"
    "\"body\":{\"bb1payqrz1\":[{\"yurRef\":\"P20260101000001\",\"nusAge\":\"账户验证码A1B2C3\",\"reqNbr\":\"1028000001\","
    "\"reqSts\":\"FIN\",\"rtnFlg\":\"S\",\"trsAmt\":\"0.01\"}]}}}";

static void padded_uid(void **state)
{
    char out[17];

    (void)state;
    ch_cmb_padded_uid(UID, out);
    assert_string_equal(out, "N003261207000000");
    ch_cmb_padded_uid("", out);
    assert_string_equal(out, "0000000000000000");
    ch_cmb_padded_uid("01234567890123456789", out);
    assert_string_equal(out, "0123456789012345");
}

static void published_cipher(void **state)
{
    struct ch_bytes text;

    (void)state;
    assert_string_equal(ch_cmb_encrypt(a, "VuAzSWQhsoNqzn0K", UID, "{\"a\":1}"), "ykLki5IFNOoMBWdytXt+JA==");
    assert_true(ch_cmb_decrypt(a, "VuAzSWQhsoNqzn0K", UID, "ykLki5IFNOoMBWdytXt+JA==", &text));
    assert_string_equal((const char *)text.p, "{\"a\":1}");
    assert_null(ch_cmb_encrypt(a, "short", UID, "x"));
    assert_false(ch_cmb_decrypt(a, "VuAzSWQhsoNqzn0K", UID, "CDCServer:ErrMsg", &text));
    assert_false(ch_cmb_decrypt(a, "VuAzSWQhsoNqzn0K", UID, "", &text));
}

static void sorted(void **state)
{
    static const char in[] = "{ \"b\" : [ {\"z\":1,\"Z\":\"值\\\"\"}, [] ], \"a\" : {\"y\":null,\"x\":true} }";
    struct ch_json *root;

    (void)state;
    assert_int_equal(ch_json_parse(a, CH_LIT(in), &root, NULL), CH_JSON_OK);
    assert_string_equal(ch_cmb_canonical(a, root), "{\"a\":{\"x\":true,\"y\":null},\"b\":[{\"Z\":\"值\\\"\",\"z\":1},[]]}");
}

static void foreign_signature(void **state)
{
    struct ch_json *root;
    const char *sigtim;

    (void)state;
    assert_true(ch_cmb_verify(a, bank, UID, CH_LIT(answer), &root, &sigtim));
    assert_string_equal(sigtim, "20260101080000");
    assert_true(ch_cmb_verify(a, bank, UID, CH_LIT(unsorted), &root, &sigtim));
    assert_string_equal(ch_json_text(ch_json_get(root, "signature"), "sigdat"), SIGDAT);
}

static void signature_refused(void **state)
{
    struct ch_json *root;
    const char *sigtim;
    char changed[sizeof answer];

    (void)state;
    for (size_t i = 0; i < sizeof answer - 1; i += 3) {
        memcpy(changed, answer, sizeof answer);
        changed[i] ^= 1;
        assert_false(ch_cmb_verify(a, bank, UID, CH_LIT(changed), &root, &sigtim));
    }
    assert_false(ch_cmb_verify(a, bank, "N003261208", CH_LIT(answer), &root, &sigtim));
    assert_false(ch_cmb_verify(a, own, UID, CH_LIT(answer), &root, &sigtim));
    assert_false(ch_cmb_verify(a, bank, UID, CH_LIT("{}"), &root, &sigtim));
    assert_false(ch_cmb_verify(a, bank, UID, CH_LIT("{\"signature\":{\"sigdat\":\"\",\"sigtim\":\"\"}}"), &root, &sigtim));
}

static void own_signature(void **state)
{
    struct ch_json *root;
    const char *sigtim;

    (void)state;
    char *text = ch_cmb_sign(a, own, UID, "{\"request\":{\"head\":{\"reqid\":\"1\"},\"body\":{}}}", "20260101080000");
    assert_non_null(text);
    assert_ptr_equal(strstr(text, "{\"request\":{\"body\":{},\"head\":{\"reqid\":\"1\"}},\"signature\":{\"sigdat\":\""),
                     text);
    assert_true(ch_cmb_verify(a, own, UID, CH_BYTES(text, strlen(text)), &root, &sigtim));
    assert_null(ch_cmb_sign(a, own, UID, "not json", "1"));
}

static void amounts(void **state)
{
    (void)state;
    assert_string_equal(ch_amount_yuan(a, 1), "0.01");
    assert_string_equal(ch_amount_yuan(a, 123456), "1234.56");
    assert_int_equal(ch_amount_read("0.01"), 1);
    assert_int_equal(ch_amount_read("12"), 1200);
    assert_int_equal(ch_amount_read("12.5"), 1250);
    static const char *const bad[] = {"", ".01", "1.", "1.234", "-1", "1,00", "99999999999999", "1e3"};
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(ch_amount_read(bad[i]), -1);
}

static void states(void **state)
{
    (void)state;
    assert_int_equal(ch_cmb_state_of("AUT", ""), CH_CMB_WAITING);
    assert_int_equal(ch_cmb_state_of("BNK", "S"), CH_CMB_WAITING); /* the flag counts with FIN only */
    assert_int_equal(ch_cmb_state_of("FIN", "S"), CH_CMB_DONE);
    assert_int_equal(ch_cmb_state_of("FIN", "F"), CH_CMB_FAILED);
    assert_int_equal(ch_cmb_state_of("FIN", "R"), CH_CMB_FAILED);
    assert_int_equal(ch_cmb_state_of("FIN", "B"), CH_CMB_RETURNED);
    assert_int_equal(ch_cmb_state_of("FIN", "U"), CH_CMB_WAITING);
    assert_int_equal(ch_cmb_state_of("FIN", ""), CH_CMB_WAITING);
    assert_int_equal(ch_cmb_state_of("", ""), CH_CMB_WAITING);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    bank = ch_key_public_pem(CH_LIT(public_key));
    own = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    return bank == NULL || own == NULL;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(bank);
    EVP_PKEY_free(own);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padded_uid),
        cmocka_unit_test(published_cipher),
        cmocka_unit_test(sorted),
        cmocka_unit_test(foreign_signature),
        cmocka_unit_test(signature_refused),
        cmocka_unit_test(own_signature),
        cmocka_unit_test(amounts),
        cmocka_unit_test(states),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
