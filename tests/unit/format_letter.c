/* SPDX-License-Identifier: Apache-2.0
 * E-mail made of a template: what is replaced, what becomes a link, and that nothing of a value becomes markup. */
#include "core/base/config.h"
#include "core/format/letter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static const char *word(void *ctx, const char *name)
{
    if (strcmp(name, "order") == 0)
        return ctx;
    return strcmp(name, "empty") == 0 ? "" : NULL;
}

static void names_are_replaced(void **state)
{
    (void)state;
    assert_string_equal(ch_letter_fill(a, "单号 {order}。", word, "42"), "单号 42。");
    assert_string_equal(ch_letter_fill(a, "{order}{order}", word, "1"), "11");
    assert_string_equal(ch_letter_fill(a, "[{empty}{nobody}]", word, "x"), "[]");
    assert_string_equal(ch_letter_fill(a, "", word, "x"), "");
}

static void other_braces_stay(void **state)
{
    static const char *const same[] = {"{", "}", "{}", "{ order}", "{Order}", "{order", "{单号}", "{{}}"};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(same); i++)
        assert_string_equal(ch_letter_fill(a, same[i], word, "x"), same[i]);
    assert_string_equal(ch_letter_fill(a, "{{order}}", word, "x"), "{x}");
}

static void a_value_is_not_read_again(void **state)
{
    (void)state;
    assert_string_equal(ch_letter_fill(a, "{order}", word, "{order}{empty}"), "{order}{empty}");
}

static void markup_is_escaped(void **state)
{
    const char *html;

    (void)state;
    html = ch_letter_html(a, "<b>\"&", "<script>alert(1)</script>\n\nhttps://x.example/a?b=1&c=\"><i>");
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<b>"));
    assert_null(strstr(html, "<i>"));
    assert_non_null(strstr(html, "&lt;b&gt;&quot;&amp;"));
    assert_non_null(strstr(html, "href=\"https://x.example/a?b=1&amp;c=\">"));
}

static void addresses_become_links(void **state)
{
    const char *html;

    (void)state;
    html = ch_letter_html(
        a, "t", "见 https://x.example/1，或 http://y.example/2。\nhttp://\njavascript:alert(1) ftp://z.example");
    assert_non_null(strstr(html, "href=\"https://x.example/1\">https://x.example/1</a>，或 "));
    assert_non_null(strstr(html, "href=\"http://y.example/2\""));
    assert_null(strstr(html, "href=\"http://\""));
    assert_null(strstr(html, "href=\"javascript"));
    assert_null(strstr(html, "href=\"ftp"));
    assert_non_null(strstr(ch_letter_html(a, "t", "(https://x.example/3)."), "href=\"https://x.example/3\">"));
}

static void lines_are_paragraphs(void **state)
{
    const char *html, *p;
    size_t n = 0;

    (void)state;
    html = ch_letter_html(a, "t", "一\n\n二\n三\n");
    for (p = html; (p = strstr(p, "margin:0 0 12px")) != NULL; p++)
        n++;
    assert_int_equal(n, 3);
    assert_non_null(strstr(html, ch_conf(CONF_BRAND_HOTLINE)));
    assert_non_null(strstr(ch_letter_text(a, "一\n二"), ch_conf(CONF_BRAND_HOTLINE)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_replaced),        cmocka_unit_test(other_braces_stay),
        cmocka_unit_test(a_value_is_not_read_again), cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(addresses_become_links),    cmocka_unit_test(lines_are_paragraphs),
    };

    a = ch_arena_new();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
