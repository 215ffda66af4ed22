/* SPDX-License-Identifier: Apache-2.0
 * The code in the remark of a transfer, as people and banks write it. */
#include "core/order/proof_code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void nothing_that_looks_alike(void **state)
{
    for (int i = 0; i < 1000; i++) {
        const char *code = ch_proof_code_make(*state);
        assert_int_equal(strlen(code), CH_PROOF_CODE_LENGTH);
        assert_null(strpbrk(code, "IO01"));
        assert_int_equal(strspn(code, "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"), CH_PROOF_CODE_LENGTH);
        assert_non_null(strstr(ch_proof_codes_in(*state, code), code));
    }
}

static void found_however_it_is_written(void **state)
{
    static const char *const remarks[] = {"ABCD2345",         "abcd2345",         " ABCD 2345 ", "附言:ABCD-2345。",
                                          "ＡＢＣＤ２３４５", "验证ABCD2345转账", "ABCD\t2345",  "20261125ABCD2345"};
    for (size_t i = 0; i < CH_COUNT(remarks); i++)
        assert_non_null(strstr(ch_proof_codes_in(*state, remarks[i]), "ABCD2345"));
}

static void nothing_else(void **state)
{
    assert_string_equal(ch_proof_codes_in(*state, ""), "{}");
    assert_string_equal(ch_proof_codes_in(*state, "ABCD234"), "{}");
    assert_string_equal(ch_proof_codes_in(*state, "货款 {,\"\\"), "{}");
    assert_string_equal(ch_proof_codes_in(*state, "ABCD2340"), "{}"); /* 0 is in no code */
    assert_string_equal(ch_proof_codes_in(*state, "ABCD23456"), "{ABCD2345,BCD23456}");
}

int main(void)
{
    struct ch_arena *a = ch_arena_new();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(nothing_that_looks_alike, a),
        cmocka_unit_test_prestate(found_however_it_is_written, a),
        cmocka_unit_test_prestate(nothing_else, a),
    };
    int wrong = cmocka_run_group_tests(tests, NULL, NULL);
    ch_arena_free(a);
    return wrong;
}
