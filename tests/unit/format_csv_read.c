/* SPDX-License-Identifier: Apache-2.0
 * Reading CSV files: rows, and those that are refused. */
#include "core/format/csv_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct wanted {
    enum ch_csv_got got;
    size_t line;
    const char *cells; /* joined by '|'; of a wrong row: a word of what is wrong */
};

static void assert_row(const struct wanted *w, const struct ch_csv_row *row)
{
    char joined[CH_CSV_ROW_MAX] = "";

    assert_int_equal(row->line, w->line);
    if (w->got == CH_CSV_WRONG) {
        assert_non_null(strstr(row->wrong, w->cells));
        return;
    }
    for (size_t i = 0; i < row->n; i++) {
        strcat(joined, i > 0 ? "|" : "");
        strcat(joined, row->cells[i]);
    }
    assert_string_equal(joined, w->cells);
}

static void read_all(const char *text, size_t size, const struct wanted *w, size_t n)
{
    struct ch_csv_reader r = {.f = fmemopen((void *)(uintptr_t)text, size, "r")};
    struct ch_csv_row row;

    assert_non_null(r.f);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(ch_csv_next(&r, &row), w[i].got);
        assert_row(&w[i], &row);
    }
    assert_int_equal(ch_csv_next(&r, &row), CH_CSV_END);
    fclose(r.f);
}
#define READ(text, ...) \
    do { \
        const struct wanted w[] = {__VA_ARGS__}; \
        read_all(text, sizeof(text) - 1, w, CH_COUNT(w)); \
    } while (0)

static void rows(void **state)
{
    (void)state;
    READ("\xEF\xBB\xBF"
         "a,b\r\n\r\n 甲 ,\"x, \"\"y\"\"\"\n,\n",
         {CH_CSV_ROW, 1, "a|b"}, {CH_CSV_ROW, 3, "甲|x, \"y\""}, {CH_CSV_ROW, 4, "|"});
    READ("\"two\nlines\",b\nlast", {CH_CSV_ROW, 1, "two\nlines|b"}, {CH_CSV_ROW, 3, "last"});
}

static void wrong_rows(void **state)
{
    (void)state;
    READ("a\"b\nok\n", {CH_CSV_WRONG, 1, "inside"}, {CH_CSV_ROW, 2, "ok"});
    READ("\"a\"b,c\nok\n", {CH_CSV_WRONG, 1, "behind"}, {CH_CSV_ROW, 2, "ok"});
    READ("ok\n\"a\nb\n", {CH_CSV_ROW, 1, "ok"}, {CH_CSV_WRONG, 2, "not closed"});
    READ("a\xff\nok", {CH_CSV_WRONG, 1, "UTF-8"}, {CH_CSV_ROW, 2, "ok"});
    READ("a\0b\nok", {CH_CSV_WRONG, 1, "NUL"}, {CH_CSV_ROW, 2, "ok"});
    READ("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16\n,,,,,,,,,,,,,,,,\nok\n",
         {CH_CSV_ROW, 1, "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16"}, {CH_CSV_WRONG, 2, "cells"}, {CH_CSV_ROW, 3, "ok"});
}

static void long_rows(void **state)
{
    char *text = malloc(3 * CH_CSV_ROW_MAX);
    const struct wanted w[] = {{CH_CSV_WRONG, 1, "too long"}, {CH_CSV_ROW, 2, "ok"}};

    (void)state;
    memset(text, 'x', 2 * CH_CSV_ROW_MAX);
    strcpy(text + 2 * CH_CSV_ROW_MAX, "\nok");
    read_all(text, strlen(text), w, CH_COUNT(w));
    text[0] = '"'; /* and a quotation that never ends is not the whole file's */
    read_all(text, strlen(text), w, CH_COUNT(w));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(wrong_rows), cmocka_unit_test(long_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
