/* SPDX-License-Identifier: Apache-2.0 */
#include "core/format/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_csv(struct ch_csv *c, const char *wanted)
{
    struct ch_bytes b = ch_csv_done(c);

    assert_int_equal(b.n, strlen(wanted));
    assert_memory_equal(b.p, wanted, b.n);
}

static void rows_and_quotes(void **state)
{
    struct ch_csv c;

    ch_csv_init(&c, *state);
    ch_csv_text(&c, "甲");
    ch_csv_text(&c, "说\"好\",\n");
    ch_csv_text(&c, NULL);
    ch_csv_end_row(&c);
    ch_csv_text(&c, "");
    ch_csv_end_row(&c);
    assert_csv(&c, "\xEF\xBB\xBF\"甲\",\"说\"\"好\"\",\n\",\r\n\"\"\r\n");
}

static void money(void **state)
{
    struct ch_csv c;

    ch_csv_init(&c, *state);
    ch_csv_fen(&c, 35000);
    ch_csv_fen(&c, -5);
    ch_csv_fen(&c, 0);
    assert_csv(&c, "\xEF\xBB\xBF"
                   "350.00,-0.05,0.00");
}

static void nothing_is_a_formula_or_a_rounded_number(void **state)
{
    struct ch_csv c;

    ch_csv_init(&c, *state);
    ch_csv_text(&c, "=1+1");
    ch_csv_text(&c, "-2");
    ch_csv_text(&c, "@sum");
    ch_csv_text(&c, "202611210000000001");
    ch_csv_text(&c, "13800138000");
    assert_csv(&c, "\xEF\xBB\xBF\"\t=1+1\",\"\t-2\",\"\t@sum\",\"\t202611210000000001\",\"13800138000\"");
}

static int set_up(void **state)
{
    *state = ch_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    ch_arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_and_quotes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(money, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_a_formula_or_a_rounded_number, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
