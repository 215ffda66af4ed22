/* SPDX-License-Identifier: Apache-2.0
 * Bodies by their table: a filled struct, or every wrong field with its pointer. */
#include "core/web/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct box {
    const char *code;
    int64_t count;
};

struct body {
    const char *name, *word;
    int64_t years;
    bool wanted;
    const struct ch_json *form;
    struct ch_list boxes;
};

static const char *no_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL ? "不能含数字。" : NULL;
}

static const struct ch_field box_fields[] = {
    CH_IN_TEXT(struct box, code, CH_REQUIRED, 1, 4, NULL),
    CH_IN_INT(struct box, count, CH_OPTIONAL, 1, 9),
};
static const struct ch_input box = CH_INPUT(struct box, box_fields);

static const struct ch_field fields[] = {
    CH_IN_TEXT(struct body, name, CH_REQUIRED, 2, 4, NULL), CH_IN_TEXT(struct body, word, CH_OPTIONAL, 0, 10, no_digit),
    CH_IN_INT(struct body, years, CH_REQUIRED, 1, 3),       CH_IN_BOOL(struct body, wanted, CH_OPTIONAL),
    CH_IN_OBJECT(struct body, form, CH_OPTIONAL),           CH_IN_LIST(struct body, boxes, CH_OPTIONAL, 1, 2, &box),
};
static const struct ch_input spec = CH_INPUT(struct body, fields);

static struct ch_arena *a;
static struct ch_req r;

static enum ch_err take(const char *text)
{
    r = (struct ch_req){.a = a, .raw = CH_BYTES(text, strlen(text))};
    return ch_input_parse(&r, &spec);
}

static const struct body *taken(const char *text)
{
    if (take(text) != CH_OK)
        fail_msg("not taken: %s", text);
    assert_null(r.errors);
    return r.in;
}

/* The wrong fields as "pointer code", each with a line end. */
static char *wrong(const char *text)
{
    char *out = "";

    if (take(text) != CH_E_INVALID)
        fail_msg("not refused as invalid: %s", text);
    for (const struct ch_field_error *e = r.errors; e != NULL; e = e->next) {
        assert_true(strlen(e->detail) > 0);
        out = ch_printf(a, "%s%s %s\n", out, e->pointer, e->code);
    }
    return out;
}

static void a_whole_body(void **state)
{
    const struct body *b = taken("{\"name\":\"张三\",\"word\":\"x\",\"years\":3,\"wanted\":true,\"form\":{\"k\":[1]},"
                                 "\"boxes\":[{\"code\":\"A\"},{\"code\":\"B\",\"count\":9}]}");
    const struct box *boxes = b->boxes.items;

    (void)state;
    assert_string_equal(b->name, "张三");
    assert_string_equal(b->word, "x");
    assert_int_equal(b->years, 3);
    assert_true(b->wanted);
    assert_int_equal(ch_json_get(b->form, "k")->count, 1);
    assert_int_equal(b->boxes.n, 2);
    assert_string_equal(boxes[0].code, "A");
    assert_int_equal(boxes[0].count, 0);
    assert_string_equal(boxes[1].code, "B");
    assert_int_equal(boxes[1].count, 9);
}

static void what_is_absent_stays_zero(void **state)
{
    const struct body *b = taken(" {\"years\":1,\"name\":\"ab\"} ");

    (void)state;
    assert_null(b->word);
    assert_false(b->wanted);
    assert_null(b->form);
    assert_int_equal(b->boxes.n, 0);
}

static void all_wrong_fields_at_once(void **state)
{
    (void)state;
    assert_string_equal(
        wrong("{\"name\":\"a\",\"word\":\"a1\",\"years\":4,\"wanted\":1,\"form\":[],\"boxes\":[],\"other\":0}"),
        "/name too_short\n/word rule\n/years out_of_range\n/wanted not_boolean\n/form not_object\n"
        "/boxes not_list\n/other unknown\n");
    assert_string_equal(wrong("{}"), "/name required\n/years required\n");
}

/* In a text of the table, and in an object that is checked elsewhere. */
static void characters_that_deceive(void **state)
{
    (void)state;
    assert_string_equal(wrong("{\"years\":1,\"name\":\"\\u202e张三\"}"), "/name character\n");
    assert_string_equal(
        wrong("{\"years\":1,\"name\":\"ab\",\"form\":{\"unit_name\":\"张\\u200b\",\"list\":[1,{\"x/y\":\"\\ufeff\"}]}}"),
        "/form/unit_name character\n/form/list/1/x~1y character\n");
}

static void texts_come_normalized(void **state)
{
    const struct body *b = taken("{\"years\":1,\"name\":\"e\\u0301e\\u0301e\\u0301\",\"form\":{\"k\":\"u\\u0308\"}}");

    (void)state;
    assert_string_equal(b->name, "ééé"); /* three characters, as its limits count them */
    assert_string_equal(ch_json_text(b->form, "k"), "ü");
}

static void absent_null_and_invalid_are_three_things(void **state)
{
    (void)state;
    assert_string_equal(wrong("{\"years\":1}"), "/name required\n");
    assert_string_equal(wrong("{\"years\":1,\"name\":null}"), "/name null\n");
    assert_string_equal(wrong("{\"years\":1,\"name\":1}"), "/name not_text\n");
    assert_string_equal(wrong("{\"years\":1,\"name\":\"ab\",\"word\":null}"), "/word null\n"); /* optional is no licence */
}

static void bounds_count_characters(void **state)
{
    (void)state;
    taken("{\"years\":1,\"name\":\"\U00020BB7野家店\"}");
    assert_string_equal(wrong("{\"years\":1,\"name\":\"一二三四五\"}"), "/name too_long\n");
    taken("{\"years\":1,\"name\":\"ab\",\"word\":\"\"}");
}

static void integers_only(void **state)
{
    static const char *const bad[] = {"1.0", "1e0", "\"1\"", "true", "9223372036854775808", "[]"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_string_equal(wrong(ch_printf(a, "{\"name\":\"ab\",\"years\":%s}", bad[i])), "/years not_integer\n");
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":0}"), "/years out_of_range\n");
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":-9223372036854775808}"), "/years out_of_range\n");
}

static void inside_lists(void **state)
{
    (void)state;
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":1,\"boxes\":[{\"code\":\"long one\",\"count\":0},{\"x\":1}]}"),
                        "/boxes/0/code too_long\n/boxes/0/count out_of_range\n/boxes/1/x unknown\n/boxes/1/code required\n");
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":1,\"boxes\":[1]}"), "/boxes/0 not_object\n");
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":1,\"boxes\":[{},{},{}]}"), "/boxes not_list\n");
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":1,\"boxes\":{}}"), "/boxes not_list\n");
}

static void a_key_twice(void **state)
{
    (void)state;
    assert_string_equal(wrong("{\"name\":\"ab\",\"years\":1,\"name\":\"cd\"}"), "/name duplicate\n");
}

static void no_object_is_malformed(void **state)
{
    static const char *const bad[] = {
        "", "[]", "1", "null", "\"x\"", "{", "{}{}", "{\"name\":\"a\xff\"}", "[[[[[[[[[1]]]]]]]]]"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(take(bad[i]), CH_E_MALFORMED);
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
        cmocka_unit_test(a_whole_body),
        cmocka_unit_test(what_is_absent_stays_zero),
        cmocka_unit_test(all_wrong_fields_at_once),
        cmocka_unit_test(characters_that_deceive),
        cmocka_unit_test(texts_come_normalized),
        cmocka_unit_test(absent_null_and_invalid_are_three_things),
        cmocka_unit_test(bounds_count_characters),
        cmocka_unit_test(integers_only),
        cmocka_unit_test(inside_lists),
        cmocka_unit_test(a_key_twice),
        cmocka_unit_test(no_object_is_malformed),
    };
    return cmocka_run_group_tests_name("input_table", tests, set_up, tear_down);
}
