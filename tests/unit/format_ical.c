/* SPDX-License-Identifier: Apache-2.0
 * Calendars: where lines are folded, and what is escaped. */
#include "core/format/ical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static const char *text_of(const struct ch_ical *c)
{
    struct ch_bytes b = ch_ical_done(c);
    return ch_strndup(a, b.p, b.n);
}

static void test_escapes(void **state)
{
    struct ch_ical c;

    (void)state;
    ch_ical_init(&c, a);
    ch_ical_line(&c, "BEGIN", "VCALENDAR");
    ch_ical_text(&c, "SUMMARY", "a,b;c\\d\ne\r\x01:f");
    ch_ical_text(&c, "X", "");
    assert_string_equal(text_of(&c), "BEGIN:VCALENDAR\r\nSUMMARY:a\\,b\\;c\\\\d\\ne:f\r\nX:\r\n");
}

/* Every line has at most 75 octets and whole characters; unfolded, the text is there again. */
static void check_folded(const char *value)
{
    struct ch_ical c;
    struct ch_buf plain;

    ch_ical_init(&c, a);
    ch_buf_init(&plain, a);
    ch_ical_line(&c, "S", value);
    for (const char *line = text_of(&c); *line != '\0';) {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_true(end - line <= 75);
        assert_true(plain.n == 0 || *line == ' ');
        assert_true(((unsigned char)line[plain.n > 0] & 0xc0) != 0x80);
        line += plain.n > 0;
        ch_buf_add(&plain, line, (size_t)(end - line));
        line = end + 2;
    }
    assert_string_equal(plain.p, ch_printf(a, "S:%s", value));
}

static void test_folds(void **state)
{
    static const char *const parts[] = {"x", "é", "证", "𠮷", "a证"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(parts); i++)
        for (size_t n = 0; n < 200; n++) {
            struct ch_buf b;
            ch_buf_init(&b, a);
            ch_buf_puts(&b, "");
            for (size_t k = 0; k < n; k++)
                ch_buf_puts(&b, parts[i]);
            check_folded(b.p);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_escapes), cmocka_unit_test(test_folds)};

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
