/* SPDX-License-Identifier: Apache-2.0
 * What texts may consist of: the characters that names need pass, those that deceive are named, and nothing is lost. */
#include "core/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ZWSP "\xe2\x80\x8b" /* U+200B */
#define RLO "\xe2\x80\xae"  /* U+202E */

static struct ch_arena *a;

static void names_pass(void **state)
{
    static const char *const good[] = {
        "",
        "张三",
        "广州某某科技（集团）有限公司",
        "A-B (China) Co., Ltd. 2026",
        "迪丽热巴·迪力木拉提",      /* U+00B7 */
        "阿凡提‧买买提",            /* U+2027 */
        "阿凡提・买买提",           /* U+30FB */
        "\xe3\x90\x80\xe4\x80\x80", /* U+3400 U+4000: extension A */
        "\xf0\xa0\x80\x80",         /* U+20000: extension B */
        "\xf0\xb0\x84\x82",         /* U+30102: extension G */
        "二〇二六々",
        "René Müller-Łódź",
        "ＡＢＣ　１２３＃",
        "深圳市福田区深南大道 1 号《A 座》、【２楼】—“甲”…",
        "第一行\r\n\t第二行",
        "{\"a\":[1,2]} ~!@#$%^&*_+|\\`<>?;'",
        "№ 3，①②，5℃，20㎡，￥5，¥5，→",
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(good); i++) {
        const char *sentence = ch_text_fault(a, good[i]);
        if (sentence != NULL)
            fail_msg("%s: %s", good[i], sentence);
        assert_true(ch_text_clean(good[i]));
        assert_ptr_equal(ch_text_nfc(a, good[i]), good[i]);
    }
}

/* A refusal names the position and the code, and shows the character only if it can be seen. */
static void what_deceives_is_named(void **state)
{
    static const struct {
        const char *text, *named;
    } bad[] = {
        {"张" ZWSP "三", "第 2 个字符（U+200B，看不见的字符）"},
        {RLO "张三", "第 1 个字符（U+202E，改变文字方向的字符）"},
        {"a\xe2\x81\xa6", "第 2 个字符（U+2066，改变文字方向的字符）"},
        {"\xd8\x9c", "第 1 个字符（U+061C，改变文字方向的字符）"},
        {"张\xef\xbb\xbf三", "U+FEFF，看不见的字符"},
        {"张\xc2\xad三", "U+00AD，看不见的字符"},
        {"张\xe2\x80\x8d三", "U+200D，看不见的字符"},
        {"张\xc2\xa0三", "U+00A0，特殊空格"},
        {"张\xe2\x80\x83三", "U+2003，特殊空格"},
        {"张\xe2\x80\xa8三", "U+2028，看不见的字符"},
        {"张\x07三", "U+0007，控制字符"},
        {"张\x0b三", "U+000B，控制字符"},
        {"张\x7f", "U+007F，控制字符"},
        {"张\xc2\x85", "U+0085，控制字符"},
        {"张\xef\xb8\x8f", "U+FE0F，附加符号"},
        {"张\xf3\xa0\x84\x80", "U+E0100，附加符号"},
        {"x\xcc\x81\xcc\x81\xcc\x81", "U+0301，附加符号"},
        {"\xee\x80\x80", "U+E000，自造字"},
        {"张\xe3\x85\xa4三", "U+3164，看不见的字符"},
        {"张\xe2\xa0\x80三", "U+2800，看不见的字符"},
        {"\xf3\xa0\x81\x81", "U+E0041，看不见的字符"},
        {"\xcd\xb8", "U+0378，看不见的字符"},
        {"В1", "第 1 个字符“В”（U+0412）"},    /* Cyrillic */
        {"AΒC", "第 2 个字符“Β”（U+0392）"},   /* Greek */
        {"⼀二", "第 1 个字符“⼀”（U+2F00）"}, /* the radical, not the character */
        {"か", "U+304B"},
        {"한국", "U+D55C"},
        {"ǃ", "U+01C3"}, /* a click, not an exclamation mark */
        {"ᴀ", "U+1D00"},
        {"𝐀", "U+1D400"},
        {"笑😀", "第 2 个字符“😀”（U+1F600）"},
        {"a\xff", "无法识别"},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++) {
        const char *sentence = ch_text_fault(a, bad[i].text);
        if (sentence == NULL || strstr(sentence, bad[i].named) == NULL)
            fail_msg("%s: %s", bad[i].named, sentence != NULL ? sentence : "passes");
        assert_false(ch_text_clean(bad[i].text));
        assert_null(strstr(sentence, ZWSP));
        assert_null(strstr(sentence, RLO));
    }
}

static void the_same_name_has_the_same_bytes(void **state)
{
    (void)state;
    assert_string_equal(ch_text_nfc(a, "Mu\xcc\x88ller"), "Müller");
    assert_string_equal(ch_text_nfc(a, "\xef\xa4\x80"), "豈"); /* a compatibility character U+F900 */
    assert_false(ch_text_clean("\xef\xa4\x80"));
    assert_false(ch_text_clean("Mu\xcc\x88ller"));
    assert_string_equal(ch_text_nfc(a, "Ａ①"), "Ａ①"); /* no compatibility decomposition: what was typed stays */
    assert_string_equal(ch_text_nfc(a, "\xff"), "\xff");
}

/* Sorting marks takes the square of their number. */
static void endless_marks_are_not_sorted(void **state)
{
    enum { MARKS = 200000 };
    char *s = ch_alloc(a, 2 * MARKS + 2);

    (void)state;
    s[0] = 'a';
    for (size_t i = 0; i < MARKS; i++)
        memcpy(s + 1 + 2 * i, i % 2 == 0 ? "\xcc\x81" : "\xcc\xa3", 2);
    assert_ptr_equal(ch_text_nfc(a, s), s);
    assert_non_null(ch_text_fault(a, s));
    assert_false(ch_text_clean(s));
}

static const char *visible(const char *s)
{
    struct ch_bytes b = ch_text_visible(a, CH_BYTES(s, strlen(s)));
    return ch_strndup(a, b.p, b.n);
}

static void hidden_characters_are_shown(void **state)
{
    static const char plain[] = "{\"name\":\"张三 В\\n\"}\r\n";

    (void)state;
    assert_ptr_equal(ch_text_visible(a, CH_BYTES(plain, strlen(plain))).p, plain);
    assert_string_equal(visible("{\"name\":\"张" ZWSP "三\",\"x\":\"" RLO "\"}"),
                        "{\"name\":\"张[U+200B]三\",\"x\":\"[U+202E]\"}");
    assert_string_equal(visible(ZWSP "a"), "[U+200B]a");
    assert_string_equal(visible("a" ZWSP), "a[U+200B]");
    assert_string_equal(visible("a\xc2\xa0"
                                "b\xf3\xa0\x84\x80"),
                        "a[U+00A0]b[U+E0100]");
    assert_string_equal(visible(""), "");
    assert_string_equal(visible("\xef\xbb\xbf"
                                "a"),
                        "\xef\xbb\xbf"
                        "a"); /* a table for a spreadsheet begins like this */
    assert_string_equal(visible("\xef\xbb\xbf"
                                "a" ZWSP),
                        "\xef\xbb\xbf"
                        "a[U+200B]");
    assert_string_equal(visible("a\xef\xbb\xbf"), "a[U+FEFF]");
    assert_string_equal(visible("\xff" ZWSP), "\xff" ZWSP); /* no text: left alone */
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
        cmocka_unit_test(names_pass),
        cmocka_unit_test(what_deceives_is_named),
        cmocka_unit_test(the_same_name_has_the_same_bytes),
        cmocka_unit_test(endless_marks_are_not_sorted),
        cmocka_unit_test(hidden_characters_are_shown),
    };
    return cmocka_run_group_tests_name("base_text", tests, set_up, tear_down);
}
