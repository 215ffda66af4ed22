/* SPDX-License-Identifier: Apache-2.0
 * Amounts as people read them. */
#include "core/format/money.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void thousands_are_separated(void **state)
{
    struct ch_arena *a = ch_arena_new();

    (void)state;
    assert_string_equal(ch_money(a, 0), "0.00");
    assert_string_equal(ch_money(a, 7), "0.07");
    assert_string_equal(ch_money(a, 99999), "999.99");
    assert_string_equal(ch_money(a, 100000), "1,000.00");
    assert_string_equal(ch_money(a, 123456789), "1,234,567.89");
    assert_string_equal(ch_money(a, 100000005), "1,000,000.05");
    ch_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(thousands_are_separated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
