/* SPDX-License-Identifier: Apache-2.0
 * A form of several items: what is refused and where, what a change marks, how it reads. */
#include "core/form/form.h"

#include "core/crypto/keyfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;
static struct ch_req r;
static struct ch_form_spec spec;
static struct ch_ring *ring;
static char dir[] = "/tmp/certhall-form-XXXXXX";

#define UNIT(years) "{\"cert_type\":\"institution\",\"years\":" years ",\"style\":\"scan\",\"seal_name\":\"公章\"}"
#define TRADE(years, name) \
    "{\"cert_type\":\"business\",\"years\":" years ",\"style\":\"generated\",\"seal_name\":\"" name "\"}"
#define PERSON(name, id) \
    "{\"cert_type\":\"individual\",\"years\":1,\"style\":\"generated\",\"seal_name\":\"签名\"," \
    "\"holder_name\":\"" name "\",\"holder_id\":\"" id "\"}"
#define ID "440305199001010018"

static struct ch_json *parse(const char *items)
{
    struct ch_json *root;
    char *text = ch_printf(a, "{\"unit_name\":\"深圳港务\",\"items\":%s}", items);

    assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &root, NULL), CH_JSON_OK);
    return root;
}

/* The wrong places as "pointer code", each with a line end; "" for a good form. */
static const char *wrong(const char *items, bool complete)
{
    const char *kept, *out = "";

    r = (struct ch_req){.a = a};
    enum ch_err e = ch_form_check(&r, &spec, parse(items), complete, &kept);
    assert_int_equal(e == CH_OK, r.errors == NULL);
    for (const struct ch_field_error *w = r.errors; w != NULL; w = w->next)
        out = ch_printf(a, "%s%s %s\n", out, w->pointer, w->code);
    return out;
}

static void good_items(void **state)
{
    (void)state;
    assert_string_equal(
        wrong("[" UNIT("2") "," TRADE("1", "合同专用章") "," TRADE("1", "财务专用章") "," PERSON("张三", ID) "]", true), "");
    assert_string_equal(wrong("[" PERSON("张三", ID) "," PERSON("张三", ID) "]", true), ""); /* a signature and a personal seal */
}

static void how_many(void **state)
{
    (void)state;
    assert_string_equal(wrong("[]", true), "/form/items required\n");
    assert_string_equal(wrong("[]", false), "");
    assert_string_equal(wrong("null", true), "/form/items required\n");
    assert_string_equal(wrong("\"x\"", false), "/form/items shape\n");
    assert_string_equal(wrong("[" UNIT("1") "," UNIT("1") "]", false), "/form/items/1 too_many\n");
    assert_string_equal(wrong("[" TRADE("1", "a") "," TRADE("1", "b") "," TRADE("1", "c") "]", true),
                        "/form/items/2 too_many\n");
    assert_string_equal(wrong("[" TRADE("1", "a") "," UNIT("1") "," TRADE("2", "b") "]", true),
                        "/form/items/2/years differs\n");
}

/* Fields that make the price are always required; the others may be empty in a draft. */
static void what_a_draft_may_lack(void **state)
{
    (void)state;
    assert_string_equal(wrong("[{\"cert_type\":\"individual\",\"years\":1}]", false), "");
    assert_string_equal(wrong("[{\"cert_type\":\"individual\",\"years\":1}]", true),
                        "/form/items/0/holder_name required\n/form/items/0/holder_id required\n/form/items/0/style required\n"
                        "/form/items/0/seal_name required\n");
    assert_string_equal(wrong("[{\"years\":1}]", false), "/form/items/0/cert_type rule\n");
    assert_string_equal(wrong("[{\"cert_type\":\"nothing\",\"years\":1}]", false), "/form/items/0/cert_type rule\n");
    assert_string_equal(wrong("[{\"cert_type\":7,\"years\":1}]", false), "/form/items/0/cert_type rule\n");
    assert_string_equal(wrong("[{\"cert_type\":\"individual\"}]", false), "/form/items/0/years rule\n");
    assert_string_equal(wrong("[{\"cert_type\":\"individual\",\"years\":3}]", false), "/form/items/0/years rule\n");
    assert_string_equal(wrong("[{\"cert_type\":\"individual\",\"years\":\"1\"}]", false), "/form/items/0/years rule\n");
}

static void members(void **state)
{
    (void)state;
    assert_string_equal(wrong("[7]", false), "/form/items/0 shape\n");
    assert_string_equal(wrong("[" PERSON("张三", "440305199001010011") "]", true), "/form/items/0/holder_id rule\n");
    assert_string_equal(wrong("[" PERSON("张三", "440305199001010011") "]", false), "");
    assert_string_equal(wrong("[{\"cert_type\":\"institution\",\"years\":1,\"holder_name\":\"张三\"}]", false),
                        "/form/items/0/holder_name unknown\n");
    assert_string_equal(wrong("[{\"cert_type\":\"institution\",\"years\":1,\"colour\":\"red\"}]", false),
                        "/form/items/0/colour unknown\n");
    assert_string_equal(
        wrong("[{\"cert_type\":\"institution\",\"years\":1,\"style\":\"painted\",\"seal_name\":\"章\"}]", true),
        "/form/items/0/style rule\n");
    assert_string_equal(wrong("[{\"cert_type\":\"institution\",\"years\":1,\"style\":[],\"seal_name\":\"章\"}]", false),
                        "/form/items/0/style shape\n");
}

/* Groups in which two forms differ, by their first letters. */
static const char *differing(const char *x, const char *y)
{
    static const char *const groups[] = {"print", "phone", "account", "price", "sealpicture"};
    const char *out = "";

    for (size_t i = 0; i < CH_COUNT(groups); i++)
        if (strcmp(ch_form_mark(a, ring, parse(x), groups[i]), ch_form_mark(a, ring, parse(y), groups[i])) != 0)
            out = ch_printf(a, "%s%s ", out, groups[i]);
    return out;
}

static void marks(void **state)
{
    (void)state;
    assert_string_equal(differing("[" UNIT("1") "]", "[" UNIT("1") "]"), "");
    assert_string_equal(differing("[" UNIT("1") "]", "[" UNIT("2") "]"), "print price ");
    assert_string_equal(differing("[" TRADE("1", "a") "]", "[" TRADE("1", "b") "]"), "print sealpicture ");
    assert_string_equal(differing("[" PERSON("张三", ID) "]", "[" PERSON("李四", ID) "]"), "print sealpicture ");
    assert_string_equal(differing("[" UNIT("1") "]", "[" UNIT("1") "," PERSON("张三", ID) "]"), "print price sealpicture ");
    assert_string_equal(differing("[" UNIT("1") "," TRADE("1", "a") "]", "[" TRADE("1", "a") "," UNIT("1") "]"),
                        "print price sealpicture ");
}

static void read_row(void *ctx, const struct ch_form_row *row)
{
    const char **out = ctx;
    *out = ch_printf(a, "%s%s%s|%s|%s\n", *out, row->first_of_block ? "*" : "", row->name, row->label, row->value);
}

static void how_it_reads(void **state)
{
    const char *out = "";

    (void)state;
    ch_form_walk(a, &spec, parse("[" UNIT("2") "," PERSON("张三", ID) "," PERSON("李四", ID) "]"), NULL, read_row, &out);
    assert_string_equal(
        out, "*items/0|机构章 1|年限：2 年；签章样式：根据印模样式抠图制作；印章名称：公章\n"
             "items/1|个人章 1|年限：1 年；姓名：张三；身份证号：" ID "；签章样式：工具自动生成；印章名称：签名\n"
             "items/2|个人章 2|年限：1 年；姓名：李四；身份证号：" ID "；签章样式：工具自动生成；印章名称：签名\n"
             "*unit_name|单位名称|深圳港务\n");
}

static void whose_order_it_is(void **state)
{
    (void)state;
    assert_string_equal(ch_form_person(&spec, parse("[" UNIT("1") "," PERSON("张三", ID) "]")), "institution");
    assert_string_equal(ch_form_person(&spec, parse("[" PERSON("张三", ID) "]")), "holder");
    assert_string_equal(ch_form_authenticated(&spec, parse("[" PERSON("张三", ID) "]")), "agent");
    assert_null(ch_form_person(&spec, parse("[]")));
}

static int set_up(void **state)
{
    struct ch_fault f = {0};

    (void)state;
    a = ch_arena_new();
    assert_non_null(mkdtemp(dir));
    assert_int_equal(mkdir(ch_printf(a, "%s/find", dir), 0700), 0);
    assert_true(ch_keyfile_make(ch_printf(a, "%s/find/index.key", dir), 0400));
    ring = ch_ring_open(dir, CH_KEYS_FIND);
    assert_non_null(ring);
    assert_int_equal(
        ch_form_spec_read(
            a, &f,
            "{\"revision\":1,\"fields\":[{\"field\":\"items\",\"required\":true},{\"field\":\"unit_name\",\"required\":true}],\"types\":["
            "{\"code\":\"institution\",\"name\":\"机构章\",\"person\":\"institution\",\"medium\":\"ukey\",\"most\":1,\"years\":[{\"years\":1},{\"years\":2}]},"
            "{\"code\":\"business\",\"name\":\"业务章\",\"person\":\"institution\",\"medium\":\"ukey\",\"most\":2,\"years\":[{\"years\":1},{\"years\":2}]},"
            "{\"code\":\"individual\",\"name\":\"个人章\",\"person\":\"holder\",\"medium\":\"ukey\",\"most\":null,\"years\":[{\"years\":1}]}]}",
            &spec),
        CH_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ch_ring_free(ring);
    unlink(ch_printf(a, "%s/find/index.key", dir));
    rmdir(ch_printf(a, "%s/find", dir));
    rmdir(dir);
    ch_arena_free(a);
    return 0;
}

static void what_places_are_called(void **state)
{
    (void)state;
    assert_string_equal(ch_form_place(a, "unit_name"), "单位名称");
    assert_string_equal(ch_form_place(a, "agent_mobile"), "经办人手机号码");
    assert_string_equal(ch_form_place(a, "legal_mobile"), "法定代表人手机号码");
    assert_string_equal(ch_form_place(a, "items/1"), "第 2 张证书");
    assert_null(ch_form_place(a, "unit"));
    assert_null(ch_form_place(a, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_items),
        cmocka_unit_test(how_many),
        cmocka_unit_test(what_a_draft_may_lack),
        cmocka_unit_test(members),
        cmocka_unit_test(marks),
        cmocka_unit_test(how_it_reads),
        cmocka_unit_test(whose_order_it_is),
        cmocka_unit_test(what_places_are_called),
    };
    return cmocka_run_group_tests_name("hall_form_items", tests, set_up, tear_down);
}
