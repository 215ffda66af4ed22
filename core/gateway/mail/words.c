/* SPDX-License-Identifier: Apache-2.0
 * The written forms of an e-mail's header. */
#include "core/gateway/mail/words.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/codec.h"

#include <string.h>
#include <time.h>

#define LINE 76 /* longest line with an encoded word, RFC 2047 section 2 */
#define BEGIN "=?UTF-8?B?"
#define END "?="
#define AROUND (sizeof BEGIN - 1 + sizeof END - 1)
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define ATOM LETTERS "!#$%&'*+-/=?^_`{|}~"
#define MAX_LOCAL 64
#define MAX_DOMAIN 253
#define MAX_NAME 200

/* True for atoms made of these characters, with single dots between them. */
static bool is_dot_atom(const char *s, size_t n, const char *characters)
{
    for (size_t i = 0; i < n; i++) {
        bool dot = s[i] == '.';
        if (dot ? i == 0 || i + 1 == n || s[i - 1] == '.' : strchr(characters, s[i]) == NULL)
            return false;
    }
    return n > 0;
}

bool ch_mail_address(const char *s)
{
    const char *at = strchr(s, '@');

    if (at == NULL || at - s > MAX_LOCAL || strlen(at + 1) > MAX_DOMAIN || at[1] == '-')
        return false;
    return is_dot_atom(s, (size_t)(at - s), ATOM) && is_dot_atom(at + 1, strlen(at + 1), LETTERS "-");
}

/* True for printable ASCII that a reader cannot take for an encoded word. */
static bool is_plain(const char *s)
{
    for (const char *p = s; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            return false;
    return strstr(s, "=?") == NULL && s[0] != ' ';
}

/* The number of bytes of the whole UTF-8 characters of `s` that fit into `room` bytes, but at least of one character. An
 * invalid byte counts as a character. */
static size_t whole_characters(const char *s, size_t room)
{
    size_t n = 0, next = 0;

    while (s[next] != '\0') {
        next++;
        while (((unsigned char)s[next] & 0xc0) == 0x80)
            next++;
        if (next > room && n > 0)
            break;
        n = next;
    }
    return n;
}

static char *without_controls(struct ch_arena *a, const char *text)
{
    char *s = ch_strdup(a, text);

    for (char *p = s; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    return s;
}

/* The text as encoded words on lines of their own, of which the first begins after `used` columns. */
static char *encoded_words(struct ch_arena *a, const char *s, size_t used)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (size_t n; *s != '\0'; s += n, used = 1) {
        size_t left = used + AROUND < LINE ? LINE - used - AROUND : 0;
        n = whole_characters(s, left / 4 * 3); /* four characters of base64 hold three bytes */
        ch_buf_printf(&b, "%s" BEGIN "%s" END, b.n > 0 ? "\r\n " : "", ch_base64(a, CH_BYTES(s, n)));
    }
    return b.p;
}

char *ch_mail_words(struct ch_arena *a, const char *text, size_t used)
{
    char *s = without_controls(a, text);
    return is_plain(s) && used + strlen(s) <= LINE ? s : encoded_words(a, s, used);
}

/* A display name that does not consist of atoms would need quotes; it is encoded instead. */
char *ch_mail_mailbox(struct ch_arena *a, const char *name, const char *address, size_t used)
{
    if (name == NULL || *name == '\0')
        return ch_printf(a, "<%s>", address);
    bool atoms = name[0] != ' ' && strspn(name, LETTERS "- ") == strlen(name) && used + strlen(name) <= LINE;
    return ch_printf(a, "%s\r\n <%s>", atoms ? name : encoded_words(a, without_controls(a, name), used), address);
}

char *ch_mail_attachment(struct ch_arena *a, const char *name)
{
    const char *s = without_controls(a, name);
    size_t n = strlen(s) > MAX_NAME ? whole_characters(s, MAX_NAME) : strlen(s);
    char *known = ch_strndup(a, s, n), *ascii = ch_strdup(a, known), *to = ascii;

    for (const char *p = known; *p != '\0'; p++)
        if (((unsigned char)*p & 0xc0) != 0x80) /* one '_' for a character, not for each of its bytes */
            *to++ = strchr(LETTERS "-_.", *p) != NULL ? *p : '_';
    *to = '\0';
    return ch_printf(a, "Content-Disposition: attachment;\r\n filename=\"%s\";\r\n filename*=UTF-8''%s", ascii,
                     ch_percent(a, known));
}

char *ch_mail_date(struct ch_arena *a, int64_t seconds)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)(seconds + CH_BEIJING);
    struct tm tm;

    gmtime_r(&t, &tm);
    return ch_printf(a, "%s, %d %s %d %02d:%02d:%02d +0800", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
                     tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
