/* SPDX-License-Identifier: Apache-2.0
 * Writing CSV files: quotation marks, amounts, and texts that a spreadsheet would take for something else. */
#include "core/format/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
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

static void a_table_goes_on_without_a_second_mark(void **state)
{
    struct ch_csv c;

    ch_csv_continue(&c, *state);
    ch_csv_text(&c, "乙");
    ch_csv_int(&c, 2);
    ch_csv_end_row(&c);
    assert_csv(&c, "\"乙\",2\r\n");
}

static void money(void **state)
{
    struct ch_csv c;

    ch_csv_init(&c, *state);
    ch_csv_fen(&c, 35000);
    ch_csv_fen(&c, -5);
    ch_csv_fen(&c, 0);
    ch_csv_int(&c, 12);
    ch_csv_int(&c, -1);
    assert_csv(&c, "\xEF\xBB\xBF"
                   "350.00,-0.05,0.00,12,-1");
}

/* What spreadsheets take for a formula, a number, an amount, a percentage, a date or a time. */
static void text_that_would_change_has_a_tab(void **state)
{
    static const char *const texts[] = {
        "=1+1",
        "+86 755",
        "-2",
        "-",
        "@sum",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠sum",
        "1234567890123E45",
        "202611210000000001",
        "1E5",
        "0755",
        "00",
        "7",
        "1-2",
        "11/21",
        "2026-11",
        "2026-11-2x",
        "10:30",
        "50%",
        "￥5",
        "$5",
        ".5",
        "(5)",
        " 5",
        "１２３",
        "Mar1",
        "1月5日",
        "91440300MA",
        "2026-11-21 10:00",
        "2026-11-21T10:00:00+08:00",
        "SF1234567",
        "－",
        "=",
    };
    struct ch_csv c;

    for (size_t i = 0; i < CH_COUNT(texts); i++) {
        ch_csv_init(&c, *state);
        ch_csv_text(&c, texts[i]);
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\xEF\xBB\xBF\"\t%s\"", texts[i]);
        assert_csv(&c, wanted);
    }
}

static void other_text_is_left_alone(void **state)
{
    static const char *const texts[] = {"",      "甲",         "湖南3建有限公司", "已退回", "ABC",
                                        "a+b=c", "2026-11-21", "（空）",          "—"};
    struct ch_csv c;

    for (size_t i = 0; i < CH_COUNT(texts); i++) {
        ch_csv_init(&c, *state);
        ch_csv_text(&c, texts[i]);
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\xEF\xBB\xBF\"%s\"", texts[i]);
        assert_csv(&c, wanted);
    }
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
        cmocka_unit_test_setup_teardown(a_table_goes_on_without_a_second_mark, set_up, tear_down),
        cmocka_unit_test_setup_teardown(money, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_that_would_change_has_a_tab, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_text_is_left_alone, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
