/* SPDX-License-Identifier: Apache-2.0
 * Routes that are one statement, paths whose variables have a type, tables that modules share: what is served, and what a
 * wrong table is refused for at the start. */
#include "core/web/input.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct body {
    int64_t version;
    const char *note;
};
static const struct ch_field plain_fields[] = {
    CH_IN_INT(struct body, version, CH_REQUIRED, 1, 9),
    CH_IN_TEXT(struct body, note, CH_OPTIONAL, 0, 9, NULL),
};
static const struct ch_input plain = CH_INPUT(struct body, plain_fields);
static const struct ch_field unsaid_fields[] = {CH_IN_INT(struct body, version, CH_OPTIONAL, 1, 9)};
static const struct ch_input unsaid = CH_INPUT(struct body, unsaid_fields);

static const struct ch_stmt none = {"m_none", "SELECT 1 AS out", "", 0}, one = {"m_one", "SELECT $1 AS out", "uuid", 1},
                            two_words = {"m_two_words", "SELECT 1", "uuid, int4, text", 3};
static const struct ch_stmt *const list[] = {&none, &one, &two_words, NULL};
static const struct ch_stmt *const *const lists[] = {list, NULL};

/* Whether a table of this one row is taken. */
static bool right(struct ch_route row)
{
    const struct ch_route rows[] = {row, {0}};
    const struct ch_route *const tables[] = {rows, NULL};
    struct ch_arena *a = ch_arena_new();
    struct ch_module m = {.name = "m", .routes = tables, .statements = lists, .keys = CH_KEYS_SESSION};

    ch_routes_join(a, &m);
    bool ok = ch_routes_check(&m);
    ch_arena_free(a);
    return ok;
}

static struct ch_route get(const char *path, const char *op)
{
    return (struct ch_route){"GET", path, CH_REVIEWER, NULL, 0, CH_TX_SINGLE, op, ch_statement};
}

static struct ch_route post(const char *path, const struct ch_input *body, const char *op)
{
    return (struct ch_route){"POST", path, CH_REVIEWER, body, 100, CH_TX_SINGLE, op, ch_statement};
}

static void the_statement_has_the_name_of_the_operation(void **state)
{
    (void)state;
    assert_true(right(get("/x", "m.none")));
    assert_false(right(get("/x", "m.non")));
    assert_false(right(get("/x", "m.nones")));
    assert_false(right(get("/x", "other.none")));
    assert_false(right(get("/x", NULL)));
}

static void its_parameters_are_variables_and_fields(void **state)
{
    (void)state;
    assert_true(right(get("/x/{id:uuid}", "m.one")));
    assert_true(right(get("/{slug}/x/{id:uuid}", "m.one")));
    assert_true(right(post("/x/{id:uuid}", &plain, "m.two_words")));
    assert_false(right(get("/x", "m.one")));
    assert_false(right(get("/x/{id:uuid}", "m.none")));
    assert_false(right(post("/x/{id:uuid}/{part}", &plain, "m.two_words")));
    assert_false(right(post("/x", &unsaid, "m.one"))); /* nothing would tell absent from 0 */
}

static void a_variable_is_text_or_a_uuid(void **state)
{
    (void)state;
    assert_true(right(get("/x/{id}", "m.one")));
    assert_false(right(get("/x/{id:int}", "m.one")));
    assert_false(right(get("/x/{id:uuid", "m.one")));
}

static void a_shared_table_is_the_modules_and_gives_way_to_its_own(void **state)
{
    const struct ch_route shared[] = {
        get("/{slug}/{module}/x", "{module}.none"), get("/{slug}/{module}/x/{id:uuid}", "{module}.one"), {0}};
    const struct ch_route own[] = {get("/{slug}/m/y", "m.none"), {0}};
    const struct ch_route twice[] = {get("/x", "m.none"), get("/y", "m.none"), {0}};
    const struct ch_route *const tables[] = {own, shared, NULL}, *const wrong[] = {twice, NULL};
    struct ch_arena *a = ch_arena_new();
    struct ch_module m = {.name = "m", .routes = tables, .statements = lists, .keys = CH_KEYS_SESSION};

    (void)state;
    ch_routes_join(a, &m);
    assert_true(ch_routes_check(&m));
    assert_string_equal(m.served[0].path, "/{slug}/m/y");
    assert_string_equal(m.served[1].path, "/{slug}/m/x/{id:uuid}");
    assert_string_equal(m.served[1].op, "m.one");
    assert_null(m.served[2].method);
    m.routes = wrong;
    ch_routes_join(a, &m);
    assert_false(ch_routes_check(&m));
    ch_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_statement_has_the_name_of_the_operation),
        cmocka_unit_test(its_parameters_are_variables_and_fields),
        cmocka_unit_test(a_variable_is_text_or_a_uuid),
        cmocka_unit_test(a_shared_table_is_the_modules_and_gives_way_to_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
