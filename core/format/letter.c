/* SPDX-License-Identifier: Apache-2.0
 * Fills templates and writes letters as text and HTML. */
#include "core/format/letter.h"

#include "core/base/buf.h"
#include "core/base/config.h"

#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"
/* The characters of a URL (RFC 3986). It ends at a space, a Chinese character, or before punctuation that ends a sentence. */
#define URL_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&()*+,;=%"
#define NO_REPLY "本邮件由系统自动发送，请勿直接回复。"

char *ch_letter_fill(struct ch_arena *a, const char *template, ch_letter_word *word, void *ctx)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (const char *p = template; *p != '\0'; p++) {
        size_t n = *p == '{' ? strspn(p + 1, NAME_CHARACTERS) : 0;
        if (n == 0 || p[n + 1] != '}') {
            ch_buf_putc(&b, *p);
            continue;
        }
        const char *value = word(ctx, ch_strndup(a, p + 1, n));
        ch_buf_puts(&b, value != NULL ? value : "");
        p += n + 1;
    }
    return ch_strndup(a, b.p, b.n);
}

static void put_escaped(struct ch_buf *b, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        switch (s[i]) {
        case '&':
            ch_buf_puts(b, "&amp;");
            break;
        case '<':
            ch_buf_puts(b, "&lt;");
            break;
        case '>':
            ch_buf_puts(b, "&gt;");
            break;
        case '"':
            ch_buf_puts(b, "&quot;");
            break;
        default:
            ch_buf_putc(b, s[i]);
        }
}

/* The number of bytes of the URL at s; 0 when there is none. */
static size_t url_length(const char *s, size_t left)
{
    size_t head = strncmp(s, "https://", 8) == 0 ? 8 : strncmp(s, "http://", 7) == 0 ? 7 : 0;
    size_t n = head > 0 ? strspn(s, URL_CHARACTERS) : 0;

    if (n > left)
        n = left;
    while (n > head && strchr(".,;:!?)", s[n - 1]) != NULL) /* punctuation of the sentence */
        n--;
    return n > head ? n : 0;
}

static void put_paragraph(struct ch_buf *b, const char *line, size_t n)
{
    ch_buf_puts(b, "<p style=\"margin:0 0 12px\">");
    for (size_t i = 0; i < n;) {
        size_t link = url_length(line + i, n - i);
        if (link == 0) {
            put_escaped(b, line + i++, 1);
            continue;
        }
        ch_buf_puts(b, "<a style=\"color:#1a5fb4;word-break:break-all\" href=\"");
        put_escaped(b, line + i, link);
        ch_buf_puts(b, "\">");
        put_escaped(b, line + i, link);
        ch_buf_puts(b, "</a>");
        i += link;
    }
    ch_buf_puts(b, "</p>");
}

static void put_text(struct ch_buf *b, const char *before, const char *text, const char *after)
{
    ch_buf_puts(b, before);
    put_escaped(b, text, strlen(text));
    ch_buf_puts(b, after);
}

char *ch_letter_html(struct ch_arena *a, const char *title, const char *text)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    put_text(&b, "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>", title,
             "</title></head><body style=\"margin:0;background:#f3f6f9\"><div style=\"max-width:600px;margin:0 auto;"
             "padding:24px;background:#ffffff;color:#1f2d3d;font:16px/1.7 sans-serif\">");
    put_text(&b, "<p style=\"margin:0 0 16px;color:#41566b\">", ch_conf(CONF_BRAND_NAME), "</p>");
    put_text(&b, "<h1 style=\"margin:0 0 16px;font-size:20px\">", title, "</h1>");
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        if (n > 0)
            put_paragraph(&b, line, n);
        line += n + (line[n] == '\n');
    }
    put_text(&b,
             "<hr style=\"border:0;border-top:1px solid #d5dde5\">"
             "<p style=\"margin:12px 0 0;font-size:14px;color:#41566b\">服务热线：",
             ch_conf(CONF_BRAND_HOTLINE), "<br>" NO_REPLY "</p></div></body></html>");
    return ch_strndup(a, b.p, b.n);
}

char *ch_letter_text(struct ch_arena *a, const char *text)
{
    return ch_printf(a, "%s\n\n%s\n服务热线：%s\n" NO_REPLY "\n", text, ch_conf(CONF_BRAND_NAME),
                     ch_conf(CONF_BRAND_HOTLINE));
}
