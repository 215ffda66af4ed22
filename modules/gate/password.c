/* SPDX-License-Identifier: Apache-2.0
 * Which passwords people may choose: none that is commonly chosen, and none that is known of them. */
#include "modules/gate/password.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/form/rule.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (72 * 4) /* of a password of 72 characters (modules/gate/input.c) */

/* Words of this place, which its people think of first. */
static const char *const own_words[] = {"certhall",       "yingyeting",    "dianziqianzhang",
                                        "dianziyinzhang", "shuzizhengshu", "zhengshu"};

static char **common; /* sorted */
static size_t common_n;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool gate_passwords_load(void)
{
    const char *path = ch_conf(CONF_COMMON_PASSWORDS);
    size_t room = 0, size = 0;
    char *line = NULL;
    ssize_t n;
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        ch_log(CH_ERROR, NULL, "no list of common passwords: %s: %s", path, strerror(errno));
        return false;
    }
    while ((n = getline(&line, &size, f)) > 0) {
        if (common_n == room) {
            room = room == 0 ? 1024 : 2 * room;
            char **more = realloc(common, room * sizeof *common);
            if (more == NULL)
                abort();
            common = more;
        }
        line[n - (line[n - 1] == '\n')] = '\0';
        if ((common[common_n++] = strdup(line)) == NULL)
            abort();
    }
    free(line);
    fclose(f);
    qsort(common, common_n, sizeof *common, by_text);
    return true;
}

static bool is_common(const char *word)
{
    return common_n > 0 && bsearch(&word, common, common_n, sizeof *common, by_text) != NULL;
}

/* Whether the text repeats a part of at most a third of its length, as in "abcabcabc", or counts up or down, as in "9876543210". */
static bool is_pattern(const char *s, size_t n)
{
    for (size_t part = 1; 3 * part <= n; part++)
        if (memcmp(s, s + part, n - part) == 0)
            return true;
    for (int step = -1; step <= 1; step += 2) {
        size_t i = 1;
        while (i < n && (s[i] == s[i - 1] + step || (s[i - 1] == (step > 0 ? '9' : '0') && s[i] == (step > 0 ? '0' : '9'))))
            i++;
        if (i == n)
            return true;
    }
    return false;
}

static bool is_own(const char *word)
{
    for (size_t i = 0; i < CH_COUNT(own_words); i++)
        if (strcmp(word, own_words[i]) == 0)
            return true;
    return false;
}

static bool is_added(char c)
{
    return ispunct((unsigned char)c) != 0 || isdigit((unsigned char)c) != 0;
}

const char *gate_rule_password(const char *s)
{
    char lower[MOST_BYTES + 1] = "";
    size_t n = strlen(s);
    char *stem = lower, *end = lower + n;

    if (n > MOST_BYTES)
        return "密码过长，请换一个。";
    for (size_t i = 0; i <= n; i++)
        lower[i] = (char)tolower((unsigned char)s[i]);
    if (ch_rule_mobile(s) == NULL || ch_rule_idcard(s) == NULL)
        return "不能用手机号码或身份证号码作密码，请换一个。";
    if (is_common(lower) || is_pattern(lower, n))
        return "这个密码太常见，容易被人猜到，请换一个。";
    /* The word in "Password2024!", if it is half of it or more. */
    while (is_added(*stem))
        stem++;
    while (end > stem && is_added(end[-1]))
        *--end = '\0';
    if (2 * (size_t)(end - stem) >= n && (is_common(stem) || is_own(stem)))
        return "在常见的词前后加数字或符号，仍然容易被人猜到，请换一个密码。";
    return NULL;
}
