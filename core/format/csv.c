/* SPDX-License-Identifier: Apache-2.0
 * Writes CSV files. */
#include "core/format/csv.h"

#include <inttypes.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void ch_csv_init(struct ch_csv *c, struct ch_arena *a)
{
    ch_csv_continue(c, a);
    ch_buf_puts(&c->out, BYTE_ORDER_MARK);
}

void ch_csv_continue(struct ch_csv *c, struct ch_arena *a)
{
    ch_buf_init(&c->out, a);
    c->begun = false;
}

static void next_cell(struct ch_csv *c)
{
    if (c->begun)
        ch_buf_putc(&c->out, ',');
    c->begun = true;
}

/* "2026-11-21", which every spreadsheet takes for the day that it is. */
static bool is_day(const char *s)
{
    static const char shape[] = "dddd-dd-dd";
    size_t i = 0;

    while (s[i] != '\0' && (shape[i] == 'd' ? s[i] >= '0' && s[i] <= '9' : s[i] == shape[i]))
        i++;
    return i == sizeof shape - 1 && s[i] == '\0';
}

/* Full-width forms of ASCII (U+FF01 and further), which a Chinese spreadsheet reads like the narrow ones. */
static bool is_full_width(const char *s)
{
    return strncmp(s, "\xef\xbc", 2) == 0 || strncmp(s, "\xef\xbd", 2) == 0 || strncmp(s, "\xef\xbf", 2) == 0;
}

static bool has_digit(const char *s)
{
    for (; *s != '\0'; s++)
        if ((*s >= '0' && *s <= '9') || (strncmp(s, "\xef\xbc", 2) == 0 && s[2] >= '\x90' && s[2] <= '\x99'))
            return true;
    return false;
}

/* Whether a spreadsheet could take the text for something else: a formula, or a number, percentage, amount, date or time, which it
 * would round or rewrite. Those begin with a narrow or full-width character; what begins with a Chinese one is text to it. */
static bool needs_tab(const char *s)
{
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};

    for (size_t i = 0; i < CH_COUNT(signs); i++)
        if (strncmp(s, signs[i], strlen(signs[i])) == 0)
            return true;
    return ((unsigned char)*s < 0x80 || is_full_width(s)) && has_digit(s) && !is_day(s);
}

void ch_csv_text(struct ch_csv *c, const char *s)
{
    next_cell(c);
    if (s == NULL)
        return;
    ch_buf_putc(&c->out, '"');
    if (needs_tab(s))
        ch_buf_putc(&c->out, '\t');
    for (; *s != '\0'; s++) {
        if (*s == '"')
            ch_buf_putc(&c->out, '"');
        ch_buf_putc(&c->out, *s);
    }
    ch_buf_putc(&c->out, '"');
}

void ch_csv_int(struct ch_csv *c, int64_t n)
{
    next_cell(c);
    ch_buf_printf(&c->out, "%" PRId64, n);
}

void ch_csv_fen(struct ch_csv *c, int64_t fen)
{
    int64_t whole = fen < 0 ? -fen : fen;

    next_cell(c);
    ch_buf_printf(&c->out, "%s%" PRId64 ".%02d", fen < 0 ? "-" : "", whole / 100, (int)(whole % 100));
}

void ch_csv_end_row(struct ch_csv *c)
{
    ch_buf_puts(&c->out, "\r\n");
    c->begun = false;
}

struct ch_bytes ch_csv_done(const struct ch_csv *c)
{
    return ch_buf_bytes(&c->out);
}
