/* SPDX-License-Identifier: Apache-2.0
 * Writes CSV files. */
#include "core/format/csv.h"

#include <inttypes.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define SAFE_DIGITS 11 /* spreadsheets show longer numbers rounded */

void ch_csv_init(struct ch_csv *c, struct ch_arena *a)
{
    ch_buf_init(&c->out, a);
    ch_buf_puts(&c->out, BYTE_ORDER_MARK);
    c->begun = false;
}

static void next_cell(struct ch_csv *c)
{
    if (c->begun)
        ch_buf_putc(&c->out, ',');
    c->begun = true;
}

/* Whether a spreadsheet would read the text as a formula or round it as a number. A tab in front, which is not visible, prevents
 * both. */
static bool needs_tab(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    return (*s != '\0' && strchr("=+-@", *s) != NULL) || (digits > SAFE_DIGITS && s[digits] == '\0');
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
