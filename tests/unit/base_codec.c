/* SPDX-License-Identifier: Apache-2.0
 * Hex, base64, percent-encoding and UTF-8: published vectors there and back, and what is refused. */
#include "core/base/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static struct ch_bytes text(const char *s)
{
    return CH_BYTES(s, strlen(s));
}

static void hex_both_ways(void **state)
{
    struct ch_bytes b;

    (void)state;
    assert_string_equal(ch_hex(a, CH_LIT("\x00\x01\xab\xff")), "0001abff");
    assert_string_equal(ch_hex(a, CH_BYTES(NULL, 0)), "");
    assert_true(ch_unhex(a, "0001ABfF", &b));
    assert_int_equal(b.n, 4);
    assert_memory_equal(b.p, "\x00\x01\xab\xff", 4);
    assert_true(ch_unhex(a, "", &b));
    assert_int_equal(b.n, 0);
}

static void hex_refuses(void **state)
{
    static const char *const bad[] = {"0", "0g", "g0", "00 ", " 00", "0x00", "00:11", "é0"};
    struct ch_bytes b;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_unhex(a, bad[i], &b));
}

static void base64_of_rfc_4648(void **state)
{
    static const char *const rows[][3] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/", "-_-_"},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        assert_string_equal(ch_base64(a, text(rows[i][0])), rows[i][1]);
        assert_string_equal(ch_base64url(a, text(rows[i][0])), rows[i][2]);
        for (size_t form = 1; form < 3; form++) {
            struct ch_bytes b;
            assert_true(ch_unbase64(a, rows[i][form], &b));
            assert_int_equal(b.n, strlen(rows[i][0]));
            assert_memory_equal(b.p, rows[i][0], b.n);
        }
    }
}

static void base64_of_all_lengths(void **state)
{
    unsigned char bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        struct ch_bytes b;
        assert_true(ch_unbase64(a, ch_base64(a, CH_BYTES(bytes, n)), &b));
        assert_int_equal(b.n, n);
        assert_memory_equal(b.p, bytes, n);
    }
}

static void base64_refuses(void **state)
{
    static const char *const bad[] = {"Z",      "Zg===", "=",    "Zg==Zg==", "Zm 9v",
                                      "Zm9v\n", "Zm9v!", "Zm=v", "Zm9vY",    "Zé9v"};
    struct ch_bytes b;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        if (ch_unbase64(a, bad[i], &b))
            fail_msg("\"%s\" was read", bad[i]);
}

static void percent_both_ways(void **state)
{
    const char *s = "张 三/a+b=c&d?~-._%";

    (void)state;
    const char *e = ch_percent(a, s);
    assert_string_equal(e, "%E5%BC%A0%20%E4%B8%89%2Fa%2Bb%3Dc%26d%3F~-._%25");
    assert_string_equal(ch_unpercent(a, e, strlen(e), true), s);
    assert_string_equal(ch_unpercent(a, "a+b%2b", 6, true), "a b+");
    assert_string_equal(ch_unpercent(a, "a+b%2b", 6, false), "a+b+");
    assert_string_equal(ch_unpercent(a, "%41", 3, false), "A");
    assert_string_equal(ch_unpercent(a, "", 0, false), "");
}

static void percent_refuses(void **state)
{
    static const char *const bad[] = {"%", "%4", "%4g", "%g4", "a%", "%00", "x%00y", "%%41"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_null(ch_unpercent(a, bad[i], strlen(bad[i]), true));
    assert_null(ch_unpercent(a, "%414", 2, false)); /* the length counts, not the NUL */
    assert_null(ch_unpercent(a, "a\0b", 3, false));
}

static void utf8_well_formed(void **state)
{
    static const struct {
        const char *s;
        size_t points;
    } rows[] = {{"", 0},           {"abc", 3},          {"é", 1},           {"证书", 2}, {"\U00020BB7野", 2},
                {"\U0010FFFF", 1}, {"\xed\x9f\xbf", 1}, {"\xee\x80\x80", 1}};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        size_t points = 99;
        assert_true(ch_utf8(rows[i].s, strlen(rows[i].s), &points));
        assert_int_equal(points, rows[i].points);
    }
    assert_true(ch_utf8("ok", 2, NULL));
}

static void utf8_refuses(void **state)
{
    static const struct {
        const char *s, *what;
        size_t n;
    } bad[] = {
        {"\x80", "lone continuation", 1},
        {"\xc0\x80", "overlong NUL", 2},
        {"\xc1\xbf", "overlong", 2},
        {"\xe0\x9f\xbf", "overlong", 3},
        {"\xed\xa0\x80", "surrogate", 3},
        {"\xed\xbf\xbf", "surrogate", 3},
        {"\xf0\x8f\xbf\xbf", "overlong", 4},
        {"\xf4\x90\x80\x80", "above U+10FFFF", 4},
        {"\xf5\x80\x80\x80", "no such byte", 4},
        {"\xe8\xaf", "cut", 2},
        {"\xe8\xaf\x41", "broken", 3},
        {"\xff", "no such byte", 1},
        {"a\0b", "NUL", 3},
        {"\xf0\x90\x41\x80", "broken", 4},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        if (ch_utf8(bad[i].s, bad[i].n, NULL))
            fail_msg("row %zu (%s) was taken", i, bad[i].what);
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
        cmocka_unit_test(hex_both_ways),      cmocka_unit_test(hex_refuses),
        cmocka_unit_test(base64_of_rfc_4648), cmocka_unit_test(base64_of_all_lengths),
        cmocka_unit_test(base64_refuses),     cmocka_unit_test(percent_both_ways),
        cmocka_unit_test(percent_refuses),    cmocka_unit_test(utf8_well_formed),
        cmocka_unit_test(utf8_refuses),
    };
    return cmocka_run_group_tests_name("base_codec", tests, set_up, tear_down);
}
