/* SPDX-License-Identifier: Apache-2.0
 * The random code of a payout, and the payment's remark. */
#include "core/order/payout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void six_digits_zeros_too(void **state)
{
    bool zero = false;

    for (int i = 0; i < 1000; i++) {
        const char *code = ch_payout_code_make(*state);
        assert_int_equal(strlen(code), CH_PAYOUT_CODE_LENGTH);
        assert_int_equal(strspn(code, "0123456789"), CH_PAYOUT_CODE_LENGTH);
        zero = zero || code[0] == '0';
    }
    assert_true(zero); /* but once in 10^45 runs */
}

static void the_remark_ends_in_the_code(void **state)
{
    const char *remark = ch_payout_code_remark(*state, "056869");

    assert_string_equal(remark + strlen(remark) - 7, ":056869");
    assert_true(strlen(remark) <= 62 * 3); /* what banks show of a remark */
    assert_null(strstr(remark, "PIN"));
}

static int setup(void **state)
{
    *state = ch_arena_new();
    return 0;
}

static int teardown(void **state)
{
    ch_arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(six_digits_zeros_too),
                                       cmocka_unit_test(the_remark_ends_in_the_code)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
