/* SPDX-License-Identifier: Apache-2.0
 * Rows written as JSON by a table: each kind of member, NULL, arrays of other answers, times of any zone. */
#include "core/web/output.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COLUMNS 6

static struct ch_arena *a;

static void clear(void *res)
{
    PQclear(res);
}

/* An answer with these columns; a cell that is NULL is SQL NULL. */
static struct ch_rows answer(const char *const names[COLUMNS], const char *const cells[][COLUMNS], int n)
{
    PGresAttDesc attributes[COLUMNS] = {0};
    PGresult *res = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);

    for (int c = 0; c < COLUMNS; c++)
        attributes[c] = (PGresAttDesc){.name = (char *)(uintptr_t)names[c], .typlen = -1, .atttypmod = -1};
    assert_int_equal(PQsetResultAttrs(res, COLUMNS, attributes), 1);
    for (int i = 0; i < n; i++)
        for (int c = 0; c < COLUMNS; c++)
            assert_int_equal(PQsetvalue(res, i, c, (char *)(uintptr_t)cells[i][c],
                                        cells[i][c] != NULL ? (int)strlen(cells[i][c]) : -1),
                             1);
    ch_defer(a, clear, res);
    return (struct ch_rows){res, n};
}

static const char *const names[COLUMNS] = {"text", "number", "list", "truth", "time", "nothing"};
static const char *const first[][COLUMNS] = {
    {"证\"书", "-12", "[1, {\"a\": null}]", "t", "2026-11-22 10:33:30.123456+00", NULL}};
static const char *const others[][COLUMNS] = {
    {"one", "1", "[]", "f", "2026-11-22 18:33:30+08", NULL},
    {"two", "2", "{}", "t", "2026-11-22 16:03:30.5+05:30", NULL},
};

static void put_context(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    ch_jw_text(w, member, ch_printf(w->out.a, "%s %s", (const char *)s->context, ch_out_col(s, "text")));
}

static const struct ch_out part[] = {CH_OUT_TEXT_OF("name", "text"), CH_OUT_END};
static const struct ch_out line[] = {CH_OUT_TEXT("text"), CH_OUT_BOOL("truth"), CH_OUT_TIME_OF("at", "time"), CH_OUT_END};

static const char *written(const struct ch_out *table)
{
    const struct ch_rows answers[] = {answer(names, first, 1), answer(names, others, 2), answer(names, others, 0)};
    char context[] = "of";

    return ch_out_document(a, table, answers, context);
}

static void values(void **state)
{
    static const struct ch_out table[] = {CH_OUT_TEXT("text"),  CH_OUT_INT("number"), CH_OUT_JSON("list"),
                                          CH_OUT_BOOL("truth"), CH_OUT_TIME("time"),  CH_OUT_END};
    (void)state;
    assert_string_equal(written(table), "{\"text\":\"证\\\"书\",\"number\":-12,\"list\":[1, {\"a\": null}],\"truth\":true,"
                                        "\"time\":\"2026-11-22T18:33:30+08:00\"}");
}

static void nulls(void **state)
{
    static const struct ch_out table[] = {CH_OUT_TEXT_OF("a", "nothing"),
                                          CH_OUT_INT_OF("b", "nothing"),
                                          CH_OUT_JSON_IF("nothing"),
                                          CH_OUT_TIME_OF("c", "nothing"),
                                          CH_OUT_OBJECT_IF("d", "nothing", part),
                                          CH_OUT_OBJECT_IF("e", "text", part),
                                          CH_OUT_END};
    (void)state;
    assert_string_equal(written(table), "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":{\"name\":\"证\\\"书\"}}");
}

static void rows(void **state)
{
    static const struct ch_out table[] = {CH_OUT_ROWS("lines", 1, line), CH_OUT_ROWS("none", 2, line),
                                          CH_OUT_OBJECT("own", part), CH_OUT_CALL("call", put_context), CH_OUT_END};
    (void)state;
    assert_string_equal(written(table),
                        "{\"lines\":[{\"text\":\"one\",\"truth\":false,\"at\":\"2026-11-22T18:33:30+08:00\"},"
                        "{\"text\":\"two\",\"truth\":true,\"at\":\"2026-11-22T18:33:30+08:00\"}],\"none\":[],"
                        "\"own\":{\"name\":\"证\\\"书\"},\"call\":\"of 证\\\"书\"}");
}

static int set_up(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nulls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("output_table", tests, NULL, NULL);
}
