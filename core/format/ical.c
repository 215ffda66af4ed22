/* SPDX-License-Identifier: Apache-2.0
 * Calendars: folding and escaping. */
#include "core/format/ical.h"

#include <string.h>

#define LINE_OCTETS 75 /* without the CRLF */

void ch_ical_init(struct ch_ical *c, struct ch_arena *a)
{
    ch_buf_init(&c->out, a);
}

/* Whether a character of UTF-8 begins with this byte. */
static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

void ch_ical_line(struct ch_ical *c, const char *name, const char *value)
{
    const char *line = ch_printf(c->out.a, "%s:%s", name, value);
    size_t left = strlen(line), room = LINE_OCTETS;

    while (left > room) {
        size_t n = room;
        while (n > 1 && !begins_character(line[n]))
            n--;
        ch_buf_add(&c->out, line, n);
        ch_buf_puts(&c->out, "\r\n ");
        line += n;
        left -= n;
        room = LINE_OCTETS - 1; /* the space that begins it counts */
    }
    ch_buf_add(&c->out, line, left);
    ch_buf_puts(&c->out, "\r\n");
}

void ch_ical_text(struct ch_ical *c, const char *name, const char *text)
{
    struct ch_buf escaped;

    ch_buf_init(&escaped, c->out.a);
    ch_buf_puts(&escaped, "");
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '\n')
            ch_buf_puts(&escaped, "\\n");
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            continue;
        else if (strchr("\\;,", *s) != NULL)
            ch_buf_printf(&escaped, "\\%c", *s);
        else
            ch_buf_putc(&escaped, *s);
    }
    ch_ical_line(c, name, escaped.n > 0 ? escaped.p : "");
}

struct ch_bytes ch_ical_done(const struct ch_ical *c)
{
    return ch_buf_bytes(&c->out);
}
