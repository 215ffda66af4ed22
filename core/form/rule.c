/* SPDX-License-Identifier: Apache-2.0
 * The rules and masks. */
#include "core/form/rule.h"

#include "core/base/clock.h"
#include "core/base/codec.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool all_in(const char *s, const char *letters)
{
    return s[strspn(s, letters)] == '\0';
}

#define DIGITS "0123456789"
#define WIDE_SPACE "　"

static bool real_date(int y, int m, int d)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

    return y >= 1880 && y <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1] + (m == 2 && leap);
}

const char *ch_rule_idcard(const char *s)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int y, m, d, sum = 0;

    if (strlen(s) != 18 || strspn(s, DIGITS) < 17 || strchr(DIGITS "X", s[17]) == NULL)
        return "身份证号码应为 18 位，末位可为大写字母 X。";
    if (sscanf(s + 6, "%4d%2d%2d", &y, &m, &d) != 3 || !real_date(y, m, d))
        return "身份证号码中的出生日期不正确，请核对。";
    for (int i = 0; i < 17; i++)
        sum += (s[i] - '0') * weights[i];
    return s[17] == "10X98765432"[sum % 11] ? NULL : "身份证号码校验不通过，请核对是否有误。";
}

const char *ch_rule_uscc(const char *s)
{
    static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;

    if (strlen(s) != 18 || !all_in(s, letters))
        return "统一社会信用代码应为 18 位数字和大写字母（不含 I、O、S、V、Z）。";
    for (int i = 0; i < 17; i++)
        sum += (int)(strchr(letters, s[i]) - letters) * weights[i];
    return s[17] == letters[(31 - sum % 31) % 31] ? NULL : "统一社会信用代码校验不通过，请核对是否有误。";
}

const char *ch_rule_mobile(const char *s)
{
    bool good = strlen(s) == 11 && all_in(s, DIGITS) && s[0] == '1' && s[1] >= '3';
    return good ? NULL : "请填写 11 位手机号码。";
}

const char *ch_rule_email(const char *s)
{
    const char *at = strchr(s, '@');
    const char *dot = at != NULL ? strchr(at + 1, '.') : NULL;

    for (const char *p = s; *p != '\0'; p++)
        if (!isgraph((unsigned char)*p) || strchr("<>()[],;:\\\"", *p) != NULL)
            return "请填写正确的邮箱地址。";
    bool good = at != NULL && at > s && strchr(at + 1, '@') == NULL && dot != NULL && dot > at + 1 && dot[1] != '\0' &&
                strlen(s) <= 100;
    return good ? NULL : "请填写正确的邮箱地址。";
}

const char *ch_rule_account(const char *s)
{
    size_t n = strlen(s);
    return n >= 8 && n <= 32 && all_in(s, DIGITS "-") ? NULL : "银行账号应为 8 至 32 位数字。";
}

const char *ch_rule_postcode(const char *s)
{
    return strlen(s) == 6 && all_in(s, DIGITS) ? NULL : "邮政编码应为 6 位数字。";
}

const char *ch_rule_cnaps(const char *s)
{
    return strlen(s) == 12 && all_in(s, DIGITS) ? NULL : "请从搜索结果中选择开户行。";
}

const char *ch_rule_tax_no(const char *s)
{
    size_t n = strlen(s);
    bool good = n >= 15 && n <= 20 && all_in(s, DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return good ? NULL : "纳税人识别号应为 15 至 20 位数字或大写字母。";
}

const char *ch_rule_name(const char *s)
{
    size_t n = strlen(s);

    for (const char *p = s; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return "含有不能使用的字符。";
    bool ascii = n > 0 && (s[0] == ' ' || s[n - 1] == ' ');
    bool wide = n >= strlen(WIDE_SPACE) &&
                (strncmp(s, WIDE_SPACE, strlen(WIDE_SPACE)) == 0 || strcmp(s + n - strlen(WIDE_SPACE), WIDE_SPACE) == 0);
    return ascii || wide ? "首尾不能有空格。" : NULL;
}

const char *ch_rule_digits6(const char *s)
{
    return strlen(s) == 6 && all_in(s, DIGITS) ? NULL : "请填写 6 位数字验证码。";
}

const char *ch_rule_date(const char *s)
{
    return ch_parse_day(s) >= 0 ? NULL : "日期应为 2026-01-31 的形式。";
}

const char *ch_rule_tracking(const char *s)
{
    size_t n = strlen(s);
    bool good = n >= 8 && n <= 24 && all_in(s, DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return good ? NULL : "运单号应为 8 至 24 位数字或大写字母。";
}

/* The length of what programs and people put between the digits of a number: a blank, colon or hyphen, also full-width; 0 for
 * anything else. */
static size_t separator(const char *s)
{
    static const char *const all[] = {" ", "\t", "\r", "\n", ":", "-", "\u00a0", "\u3000", "：", "－", "‑", "–"};

    for (size_t i = 0; i < CH_COUNT(all); i++)
        if (strncmp(s, all[i], strlen(all[i])) == 0)
            return strlen(all[i]);
    return 0;
}

char *ch_serial_bare(struct ch_arena *a, const char *typed)
{
    char *bare = ch_strdup(a, typed), *to = bare;

    while (*typed != '\0') {
        size_t skipped = separator(typed);
        if (skipped == 0)
            *to++ = *typed++;
        typed += skipped;
    }
    *to = '\0';
    return bare;
}

const char *ch_rule_serial(const char *typed)
{
    size_t digits = 0;
    bool lower = false;

    for (const char *s = typed; *s != '\0';) {
        size_t skipped = separator(s);
        if (skipped == 0 && strchr(DIGITS "ABCDEFabcdef", *s) == NULL)
            return "证书序列号只有数字和字母 A 至 F，请核对是否把数字 0、1 看成了字母 O、I。";
        lower = lower || (*s >= 'a' && *s <= 'f');
        digits += skipped == 0;
        s += skipped > 0 ? skipped : 1;
    }
    if (lower)
        return "证书序列号区分大小写，字母请用大写。";
    return digits >= 16 && digits <= 40 && digits % 2 == 0 /* ours have 8 bytes, those of other authorities up to 20 */
               ? NULL
               : "证书序列号通常为 16 位（其他签发机构的为 16 至 40 位，双数），请核对是否漏填或多填。";
}

/* Replaces all but the first `head` and the last `tail` bytes of an ASCII text by stars; all of it when it is no longer than
 * that. */
static char *mask(struct ch_arena *a, const char *s, size_t head, size_t tail)
{
    size_t n = strlen(s);
    char *out = ch_strdup(a, s);

    for (size_t i = 0; i < n; i++)
        if (n <= head + tail || (i >= head && i < n - tail))
            out[i] = '*';
    return out;
}

char *ch_rule_mask_mobile(struct ch_arena *a, const char *s)
{
    return mask(a, s, 3, 4);
}

char *ch_rule_mask_id(struct ch_arena *a, const char *s)
{
    return mask(a, s, 4, 4);
}

char *ch_rule_mask_name(struct ch_arena *a, const char *s)
{
    size_t first = 1, points = 0;

    if (!ch_utf8(s, strlen(s), &points) || points == 0)
        return ch_strdup(a, "*");
    while ((s[first] & 0xc0) == 0x80)
        first++;
    return ch_printf(a, "%.*s%.*s", (int)first, s, (int)(points - 1), "********************************");
}

char *ch_rule_mask_account(struct ch_arena *a, const char *s)
{
    size_t n = strlen(s);
    return ch_printf(a, "**** **** %s", n > 4 ? s + n - 4 : "****");
}
