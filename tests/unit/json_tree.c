/* SPDX-License-Identifier: Apache-2.0
 * JSON read into a tree and written again: what is taken, what is refused, and that both agree. */
#include "core/base/codec.h"
#include "core/json/json.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;

static enum ch_json_error parse(const char *s, struct ch_json **out)
{
    return ch_json_parse(a, CH_BYTES(s, strlen(s)), out, NULL);
}

static struct ch_json *parsed(const char *s)
{
    struct ch_json *root;

    if (parse(s, &root) != CH_JSON_OK)
        fail_msg("not read: %s", s);
    return root;
}

static void all_kinds(void **state)
{
    const struct ch_json *o =
        parsed("{\"s\":\"证\",\"n\":-12,\"t\":true,\"f\":false,\"z\":null,\"l\":[1,[],{}],\"o\":{\"k\":\"v\"}}");
    int64_t n;

    (void)state;
    assert_int_equal(o->kind, CH_JSON_OBJECT);
    assert_int_equal(o->count, 7);
    assert_string_equal(ch_json_text(o, "s"), "证");
    assert_true(ch_json_int(o, "n", &n));
    assert_int_equal(n, -12);
    assert_true(ch_json_get(o, "t")->truth);
    assert_int_equal(ch_json_get(o, "f")->kind, CH_JSON_BOOL);
    assert_false(ch_json_get(o, "f")->truth);
    assert_int_equal(ch_json_get(o, "z")->kind, CH_JSON_NULL);
    assert_int_equal(ch_json_get(o, "l")->count, 3);
    assert_int_equal(ch_json_get(o, "l")->first->next->kind, CH_JSON_ARRAY);
    assert_string_equal(ch_json_text(ch_json_get(o, "o"), "k"), "v");
}

static void look_ups_can_be_chained(void **state)
{
    const struct ch_json *o = parsed("{\"a\":[1]}");
    int64_t n;

    (void)state;
    assert_null(ch_json_get(o, "b"));
    assert_null(ch_json_get(ch_json_get(o, "b"), "c"));
    assert_null(ch_json_get(ch_json_get(o, "a"), "c"));
    assert_null(ch_json_text(o, "a"));
    assert_false(ch_json_int(o, "a", &n));
    assert_false(ch_json_node_int(NULL, &n));
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    assert_string_equal(parsed("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u8bc1\"")->text, "\"\\/\b\f\n\r\t证");
    assert_string_equal(parsed("\"\\ud842\\udfb7\"")->text, "\U00020BB7");
    assert_string_equal(parsed("{\"\\u0061\":1}")->first->key, "a");
}

static void integers(void **state)
{
    static const struct {
        const char *s;
        bool ok;
        int64_t v;
    } rows[] = {
        // clang-format off
        {"0", true, 0}, {"-1", true, -1}, {"9223372036854775807", true, INT64_MAX}, {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0}, {"-9223372036854775809", false, 0}, {"1.0", false, 0}, {"1e3", false, 0},
        {"1E3", false, 0}, {"\"1\"", false, 0}, {"true", false, 0}, {"null", false, 0},
        // clang-format on
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        int64_t v = 0;
        assert_int_equal(ch_json_node_int(parsed(rows[i].s), &v), rows[i].ok);
        if (rows[i].ok)
            assert_true(v == rows[i].v);
    }
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const bad[] = {
        // clang-format off
        "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "nul", "TRUE", "01", "+1", ".5", "1.", "-", "0x10", "NaN",
        "Infinity", "\"a", "\"\t\"", "\"\\x41\"", "\"\\u12g4\"", "[1] 2", "{} {}", "[1]x", "/* c */ 1", "// c\n1", "{\"a\" 1}",
        "{\"a\":}", "[1 2]", "{}\"", "{\"a\":1}\"}", "1 \"x", "\"\\u0000\"", "{\"a\\u0000b\":1}", "\xef\xbb\xbf{}",
        // clang-format on
    };
    struct ch_json *root;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        if (parse(bad[i], &root) != CH_JSON_SYNTAX)
            fail_msg("was taken: %s", bad[i]);
    assert_int_equal(ch_json_parse(a, CH_LIT("1\0"), &root, NULL), CH_JSON_SYNTAX);
}

static void ill_formed_utf8_is_refused(void **state)
{
    static const char *const bad[] = {"\"\x80\"",     "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"",
                                      "\"\xe8\xaf\"", "{\"\xff\":1}", "\"\xe0\x80\xaf\"", "\"\xf4\x90\x80\x80\""};
    struct ch_json *root;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        if (parse(bad[i], &root) != CH_JSON_SYNTAX)
            fail_msg("row %zu was taken", i);
}

/* yajl makes ill-formed bytes or a '?' of them; PostgreSQL would not take the first. */
static void a_lone_surrogate_never_becomes_ill_formed_text(void **state)
{
    static const char *const rows[] = {"\"\\ud842\"", "\"\\udfb7\"", "\"\\ud842x\"", "\"\\ud842\\u0041\"",
                                       "{\"\\udfb7\":1}"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        struct ch_json *root;
        if (parse(rows[i], &root) != CH_JSON_OK)
            continue;
        const char *s = root->kind == CH_JSON_OBJECT ? root->first->key : root->text;
        assert_true(ch_utf8(s, strlen(s), NULL));
    }
}

static void depth_is_limited(void **state)
{
    char text[64];
    struct ch_json *root;

    (void)state;
    for (int depth = 1; depth <= 20; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = '\0';
        assert_int_equal(parse(text, &root), depth <= CH_JSON_MAX_DEPTH ? CH_JSON_OK : CH_JSON_DEPTH);
    }
}

static void a_key_twice_is_refused(void **state)
{
    const char *key = NULL;
    struct ch_json *root;

    (void)state;
    assert_int_equal(ch_json_parse(a, CH_LIT("{\"a\":1,\"b\":{\"a\":2},\"\\u0061\":3}"), &root, &key), CH_JSON_DUPLICATE);
    assert_string_equal(key, "a");
    assert_int_equal(ch_json_parse(a, CH_LIT("{\"a\":{\"a\":{\"a\":1}}}"), &root, &key), CH_JSON_OK);
    assert_null(key);
}

static void every_cut_is_refused(void **state)
{
    const char *whole = "{\"a\":[1,\"x\\n\",{\"b\":null}],\"c\":true}";
    struct ch_json *root;

    (void)state;
    for (size_t n = 0; n < strlen(whole); n++)
        assert_int_equal(ch_json_parse(a, CH_BYTES(whole, n), &root, NULL), CH_JSON_SYNTAX);
    assert_int_equal(ch_json_parse(a, CH_BYTES(whole, strlen(whole)), &root, NULL), CH_JSON_OK);
}

static void written_as_meant(void **state)
{
    struct ch_jw w;

    (void)state;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "t", "a\"b\\c\n\x01\x1f/证");
    ch_jw_text(&w, "none", NULL);
    ch_jw_int(&w, "min", INT64_MIN);
    ch_jw_array(&w, "l");
    ch_jw_bool(&w, NULL, true);
    ch_jw_object(&w, NULL);
    ch_jw_end_object(&w);
    ch_jw_null(&w, NULL);
    ch_jw_end_array(&w);
    ch_jw_raw(&w, "raw", "{\"x\":1}");
    ch_jw_members(&w, NULL);
    ch_jw_members(&w, "{ }");
    ch_jw_members(&w, " {\"m\": {\"x\":1}, \"n\": 2}\n");
    ch_jw_text(&w, "k\"ey", "");
    ch_jw_end_object(&w);
    assert_string_equal(ch_jw_done(&w),
                        "{\"t\":\"a\\\"b\\\\c\\n\\u0001\\u001f/证\",\"none\":null,\"min\":-9223372036854775808,"
                        "\"l\":[true,{},null],\"raw\":{\"x\":1},\"m\": {\"x\":1}, \"n\": 2,\"k\\\"ey\":\"\"}");
}

static void what_was_read_is_written_again(void **state)
{
    static const char *const rows[] = {
        "{}", "[]", "null", "-0", "1.50e+10", "\"\"", "[[[[[[[[]]]]]]]]", "{\"a\":[1,2.5,\"x\"],\"b\":{\"c\":null,\"d\":[true,false]}}"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        struct ch_jw w;
        ch_jw_init(&w, a);
        ch_jw_node(&w, NULL, parsed(rows[i]));
        assert_string_equal(ch_jw_done(&w), rows[i]);
    }
}

static void leave_open(void)
{
    struct ch_jw w;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_done(&w);
}

static void close_twice(void)
{
    struct ch_jw w;
    ch_jw_init(&w, a);
    ch_jw_end_array(&w);
}

static void members_of_an_array(void)
{
    struct ch_jw w;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_members(&w, "[1]");
}

static void misuse_ends_the_process(void **state)
{
    static void (*const misuses[])(void) = {leave_open, close_twice, members_of_an_array};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(misuses); i++) {
        int status;
        pid_t pid = fork();
        if (pid == 0) {
            misuses[i]();
            _exit(0);
        }
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
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
        cmocka_unit_test(all_kinds),
        cmocka_unit_test(look_ups_can_be_chained),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(integers),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(ill_formed_utf8_is_refused),
        cmocka_unit_test(a_lone_surrogate_never_becomes_ill_formed_text),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_key_twice_is_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(written_as_meant),
        cmocka_unit_test(what_was_read_is_written_again),
        cmocka_unit_test(misuse_ends_the_process),
    };
    return cmocka_run_group_tests_name("json_tree", tests, set_up, tear_down);
}
