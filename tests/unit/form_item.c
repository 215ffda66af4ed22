/* SPDX-License-Identifier: Apache-2.0
 * What a form says of one certificate of an order of several. */
#include "core/form/item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct ch_json *parse(struct ch_arena *a, const char *text)
{
    struct ch_json *out;

    assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &out, NULL), CH_JSON_OK);
    return out;
}

static void test_part(void **state)
{
    (void)state;
    struct ch_arena *a = ch_arena_new();
    const struct ch_json *one = parse(a, "{\"holder_name\":\"张三\"}"),
                         *two = parse(
                             a, "{\"holder_name\":\"x\",\"items\":[{\"seal_name\":\"s\"},{\"holder_name\":\"李四\"}]}");

    assert_ptr_equal(ch_item_part(one, 1), one);
    assert_non_null(ch_item_part(parse(a, "{\"items\":null}"), 1));
    assert_null(ch_json_text(ch_item_part(two, 1), "holder_name"));
    assert_string_equal(ch_json_text(ch_item_part(two, 2), "holder_name"), "李四");
    assert_null(ch_item_part(two, 3));
    assert_null(ch_json_text(ch_item_part(two, 3), "holder_name"));
    assert_null(ch_item_part(parse(a, "{\"items\":[]}"), 1));
    ch_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_part)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
