/* SPDX-License-Identifier: Apache-2.0
 * Checks texts. The properties of characters and the normalization are GLib's. */
#include "core/base/text.h"

#include "core/base/buf.h"

#include <glib.h>
#include <string.h>

#define ORDER_MARK "\xef\xbb\xbf" /* at the beginning of a file it says that the rest is UTF-8 */
#define MARKS_MOST 30             /* as in the Stream-Safe Text Format of UAX #15 */

struct range {
    gunichar first, last;
};

static bool is_in(const struct range *ranges, size_t n, gunichar c)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* Punctuation and signs of names, addresses and notes, in half and full width. */
static const struct range signs[] = {
    {'\t', '\n'},     {'\r', '\r'},     {' ', '~'},
    {0x00a5, 0x00a5}, /* ¥ */
    {0x00a7, 0x00a7}, {0x00b0, 0x00b1}, {0x00b7, 0x00b7},
    {0x00d7, 0x00d7}, /* § ° ± · × */
    {0x00f7, 0x00f7}, {0x2013, 0x2014}, {0x2018, 0x2019},
    {0x201c, 0x201d}, /* ÷, dashes, quotation marks */
    {0x2022, 0x2022}, {0x2026, 0x2027}, {0x2030, 0x2030},
    {0x203b, 0x203b}, /* • … ‧ ‰ ※ */
    {0x20ac, 0x20ac}, {0x2103, 0x2103}, {0x2116, 0x2116},
    {0x2190, 0x2193}, /* € ℃ № and arrows */
    {0x2264, 0x2265}, {0x2460, 0x2473}, {0x25cb, 0x25cb},
    {0x3000, 0x3002}, /* ≤ ≥, ① to ⑳, ○, full-width space, 、 。 */
    {0x3008, 0x3011}, {0x3014, 0x3017}, {0x301c, 0x301c},
    {0x30fb, 0x30fb},                                     /* brackets, 〜 ・ */
    {0x33a1, 0x33a1}, {0xff01, 0xff5e}, {0xffe5, 0xffe5}, /* ㎡, full-width ASCII, ￥ */
};

/* Letters with diacritics, and Roman numerals. Full-width letters are among the signs. */
static const struct range latin[] = {{0x00c0, 0x024f}, {0x1e00, 0x1eff}, {0x2160, 0x217f}};

/* Characters that cannot be seen although Unicode has them as letters or symbols: Hangul fillers and the empty Braille pattern. */
static const struct range blanks[] = {{0x115f, 0x1160}, {0x2800, 0x2800}, {0x3164, 0x3164}, {0xffa0, 0xffa0}};

static const struct range directions[] = {{0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};

static bool is_han(gunichar c)
{
    if (g_unichar_get_script(c) != G_UNICODE_SCRIPT_HAN)
        return false;
    return g_unichar_type(c) == G_UNICODE_OTHER_LETTER || c == 0x3005 || c == 0x3007; /* 々 〇 */
}

static bool is_latin(gunichar c)
{
    GUnicodeType type = g_unichar_type(c);
    bool letter =
        type == G_UNICODE_UPPERCASE_LETTER || type == G_UNICODE_LOWERCASE_LETTER || type == G_UNICODE_LETTER_NUMBER;

    return letter && is_in(latin, CH_COUNT(latin), c);
}

static bool is_allowed(gunichar c)
{
    return is_in(signs, CH_COUNT(signs), c) || is_han(c) || is_latin(c);
}

static bool is_invisible(gunichar c)
{
    if (is_in(blanks, CH_COUNT(blanks), c))
        return true;
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
        return c != '\n' && c != '\r' && c != '\t';
    case G_UNICODE_SPACE_SEPARATOR:
        return c != ' ' && c != 0x3000;
    case G_UNICODE_FORMAT:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
        return true;
    default:
        return false;
    }
}

static bool has_endless_marks(const char *s)
{
    size_t marks = 0;

    for (; *s != '\0' && marks <= MARKS_MOST; s = g_utf8_next_char(s))
        marks = g_unichar_ismark(g_utf8_get_char(s)) ? marks + 1 : 0;
    return marks > MARKS_MOST;
}

/* The text in normalization form C in GLib's memory; NULL when it is in that form already, or is not to be normalized. */
static char *normalized(const char *s)
{
    if (g_str_is_ascii(s) || !g_utf8_validate(s, -1, NULL) || has_endless_marks(s))
        return NULL;
    char *nfc = g_utf8_normalize(s, -1, G_NORMALIZE_NFC);
    if (nfc != NULL && strcmp(nfc, s) != 0)
        return nfc;
    g_free(nfc);
    return NULL;
}

const char *ch_text_nfc(struct ch_arena *a, const char *s)
{
    char *nfc = normalized(s);

    if (nfc != NULL)
        s = ch_strdup(a, nfc);
    g_free(nfc);
    return s;
}

/* The first character that may not be used, and *position counted from 1; 0 when there is none. */
static gunichar first_wrong(const char *s, size_t *position)
{
    for (*position = 1; *s != '\0'; s = g_utf8_next_char(s), ++*position)
        if (!is_allowed(g_utf8_get_char(s)))
            return g_utf8_get_char(s);
    return 0;
}

/* What an invisible character is, for people. */
static const char *kind_of(gunichar c)
{
    if (is_in(directions, CH_COUNT(directions), c))
        return "改变文字方向的字符";
    switch (g_unichar_type(c)) {
    case G_UNICODE_CONTROL:
        return "控制字符";
    case G_UNICODE_SPACE_SEPARATOR:
        return "特殊空格";
    case G_UNICODE_PRIVATE_USE:
        return "自造字";
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
        return "附加符号";
    default:
        return "看不见的字符";
    }
}

const char *ch_text_fault(struct ch_arena *a, const char *s)
{
    char shown[8] = "";
    size_t position;

    if (!g_utf8_validate(s, -1, NULL))
        return "含有无法识别的字符。";
    gunichar c = first_wrong(s, &position);
    if (c == 0)
        return NULL;
    if (is_invisible(c))
        return ch_printf(a, "第 %zu 个字符（U+%04X，%s）不能使用，请删除后重新填写。", position, c, kind_of(c));
    shown[g_unichar_to_utf8(c, shown)] = '\0';
    return ch_printf(a, "第 %zu 个字符“%s”（U+%04X）不能使用，请改用汉字、拉丁字母、数字或常用标点。", position, shown, c);
}

bool ch_text_clean(const char *s)
{
    size_t position;

    if (!g_utf8_validate(s, -1, NULL) || first_wrong(s, &position) != 0)
        return false;
    char *nfc = normalized(s);
    g_free(nfc);
    return nfc == NULL;
}

struct ch_bytes ch_text_visible(struct ch_arena *a, struct ch_bytes text)
{
    const char *p = (const char *)text.p, *end = p + text.n, *copied = p;
    struct ch_buf b;

    if (text.n == 0 || !g_utf8_validate(p, (gssize)text.n, NULL))
        return text;
    ch_buf_init(&b, a);
    if (text.n >= strlen(ORDER_MARK) && memcmp(p, ORDER_MARK, strlen(ORDER_MARK)) == 0)
        p += strlen(ORDER_MARK);
    for (const char *next; p < end; p = next) {
        next = g_utf8_next_char(p);
        gunichar c = g_utf8_get_char(p);
        if (c < 0x80 || !is_invisible(c))
            continue;
        ch_buf_add(&b, copied, (size_t)(p - copied));
        ch_buf_printf(&b, "[U+%04X]", c);
        copied = next;
    }
    if (b.n == 0)
        return text;
    ch_buf_add(&b, copied, (size_t)(end - copied));
    return ch_buf_bytes(&b);
}

char *ch_text_folded(struct ch_arena *a, const char *s)
{
    char *out = ch_strdup(a, s), *to = out;

    /* What becomes of a character is never longer than it was. */
    for (const char *next; *s != '\0'; s = next) {
        next = g_utf8_next_char(s);
        gunichar c = g_utf8_get_char(s);
        if (c >= 0xff01 && c <= 0xff5e)
            c -= 0xff01 - '!';
        to += g_unichar_to_utf8(c < 0x80 ? (gunichar)g_ascii_toupper((char)c) : c, to);
    }
    *to = '\0';
    return out;
}
