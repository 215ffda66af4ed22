/* SPDX-License-Identifier: Apache-2.0
 * Escaping of text inside HTML. */
#include "modules/sandbox/html.h"

#include "core/base/buf.h"

char *html_escape(struct ch_arena *a, const char *s)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (; *s != '\0'; s++) {
        switch (*s) {
        case '&':
            ch_buf_puts(&b, "&amp;");
            break;
        case '<':
            ch_buf_puts(&b, "&lt;");
            break;
        case '>':
            ch_buf_puts(&b, "&gt;");
            break;
        case '"':
            ch_buf_puts(&b, "&quot;");
            break;
        case '\'':
            ch_buf_puts(&b, "&#39;");
            break;
        default:
            ch_buf_putc(&b, *s);
        }
    }
    return b.p;
}
