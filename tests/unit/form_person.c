/* SPDX-License-Identifier: Apache-2.0
 * The fields of each role that authenticates itself, and serial numbers of certificates as people type them. */
#include "core/form/person.h"
#include "core/form/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ch_json *form(struct ch_arena *a, const char *text)
{
    struct ch_json *out = NULL;

    assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &out, NULL), CH_JSON_OK);
    return out;
}

static void each_role_has_its_own_fields(void **state)
{
    const struct ch_json *f = form(*state, "{\"agent_name\":\"李四\",\"agent_id\":\"1\",\"agent_mobile\":\"139\","
                                           "\"legal_name\":\"张三\",\"legal_id\":\"2\",\"holder_name\":\"王五\"}");
    struct ch_person p;

    assert_true(ch_person_of(f, "agent", &p));
    assert_string_equal(p.label, "经办人");
    assert_string_equal(p.name, "李四");
    assert_string_equal(p.id_no, "1");
    assert_string_equal(p.mobile, "139");
    assert_true(ch_person_of(f, "legal", &p));
    assert_string_equal(p.name, "张三");
    assert_null(p.mobile);
    assert_false(ch_person_of(f, "holder", &p)); /* a name without a number proves nobody */
}

static void no_other_role(void **state)
{
    const struct ch_json *f = form(*state, "{\"owner_name\":\"甲\",\"owner_id\":\"1\"}");
    struct ch_person p;

    assert_false(ch_person_of(f, "owner", &p));
    assert_false(ch_person_of(f, NULL, &p));
    assert_false(ch_person_of(NULL, "agent", &p));
    assert_null(ch_person_label("owner"));
    assert_string_equal(ch_person_label("legal"), "法定代表人");
}

static void serial_numbers_as_typed(void **state)
{
    (void)state;
    assert_null(ch_rule_serial("0123456789ABCDEF"));
    assert_non_null(strstr(ch_rule_serial("0123456789ABCDEO"), "字母 O"));
    assert_null(ch_rule_serial(" 01:23-4567　89AB：CDEF\n"));
    assert_non_null(strstr(ch_rule_serial(" 123456789ABCDEF"), "16 位"));
    assert_non_null(strstr(ch_rule_serial("0123.456789ABCDE"), "字母 O"));
    assert_non_null(strstr(ch_rule_serial("0123456789abcdef"), "大写"));
    assert_non_null(strstr(ch_rule_serial("0123456789ABCDE"), "16 位"));
    assert_non_null(strstr(ch_rule_serial("0123456789ABCDEF0"), "16 位"));
    assert_non_null(strstr(ch_rule_serial(""), "16 位"));
    assert_null(ch_rule_serial("0123456789ABCDEF0123456789ABCDEF01234567"));
    assert_non_null(strstr(ch_rule_serial("0123456789ABCDEF0123456789ABCDEF0123456"), "16 位"));
    assert_non_null(strstr(ch_rule_serial("0123456789ABCDEF0123456789ABCDEF0123456789"), "16 位"));
}

static void a_bank_writes_the_same_name(void **state)
{
    static const char *const same[][2] = {
        {"张三", "张三"},
        {"张三", " 张　三 "},
        {"阿卜杜拉·买买提", "阿卜杜拉．买买提"},
        {"阿卜杜拉·买买提", "阿卜杜拉•买买提"},
        {"阿卜杜拉·买买提", "阿卜杜拉.买买提"},
        {"John Smith", "ＪＯＨＮ　ＳＭＩＴＨ"},
    };
    static const char *const other[][2] = {
        {"张三", "张三丰"}, {"张三", "张"},       {"张三", ""},     {"", ""},
        {"张三", "张*"},    {"张三", "张三公司"}, {"张三", "張三"}, {"阿卜杜拉·买买提", "阿卜杜拉买买提"},
    };
    for (size_t i = 0; i < CH_COUNT(same); i++)
        assert_true(ch_person_same_name(*state, same[i][0], same[i][1]));
    for (size_t i = 0; i < CH_COUNT(other); i++)
        assert_false(ch_person_same_name(*state, other[i][0], other[i][1]));
}

static int begin(void **state)
{
    *state = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    ch_arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_role_has_its_own_fields, begin, end),
        cmocka_unit_test_setup_teardown(no_other_role, begin, end),
        cmocka_unit_test(serial_numbers_as_typed),
        cmocka_unit_test_setup_teardown(a_bank_writes_the_same_name, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
