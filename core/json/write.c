/* SPDX-License-Identifier: Apache-2.0
 * The writer. */
#include "core/json/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void ch_jw_init(struct ch_jw *w, struct ch_arena *a)
{
    ch_buf_init(&w->out, a);
    w->depth = 0;
    w->comma = false;
}

static void append_string(struct ch_buf *b, const char *s)
{
    ch_buf_putc(b, '"');
    for (const char *run = s;; s++) {
        unsigned char c = (unsigned char)*s;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        ch_buf_add(b, run, (size_t)(s - run));
        if (c == '\0')
            break;
        if (c == '"' || c == '\\')
            ch_buf_printf(b, "\\%c", c);
        else if (c == '\n')
            ch_buf_puts(b, "\\n");
        else
            ch_buf_printf(b, "\\u%04x", c);
        run = s + 1;
    }
    ch_buf_putc(b, '"');
}

static void begin_value(struct ch_jw *w, const char *key)
{
    if (w->comma)
        ch_buf_putc(&w->out, ',');
    if (key != NULL) {
        append_string(&w->out, key);
        ch_buf_putc(&w->out, ':');
    }
    w->comma = true;
}

static void open_level(struct ch_jw *w, const char *key, char c)
{
    begin_value(w, key);
    ch_buf_putc(&w->out, c);
    w->depth++;
    w->comma = false;
}

static void close_level(struct ch_jw *w, char c)
{
    if (w->depth == 0)
        abort();
    w->depth--;
    ch_buf_putc(&w->out, c);
    w->comma = true;
}

void ch_jw_object(struct ch_jw *w, const char *key)
{
    open_level(w, key, '{');
}

void ch_jw_array(struct ch_jw *w, const char *key)
{
    open_level(w, key, '[');
}

void ch_jw_end_object(struct ch_jw *w)
{
    close_level(w, '}');
}

void ch_jw_end_array(struct ch_jw *w)
{
    close_level(w, ']');
}

void ch_jw_text(struct ch_jw *w, const char *key, const char *value)
{
    begin_value(w, key);
    if (value == NULL)
        ch_buf_puts(&w->out, "null");
    else
        append_string(&w->out, value);
}

void ch_jw_int(struct ch_jw *w, const char *key, int64_t value)
{
    begin_value(w, key);
    ch_buf_printf(&w->out, "%" PRId64, value);
}

void ch_jw_bool(struct ch_jw *w, const char *key, bool value)
{
    ch_jw_raw(w, key, value ? "true" : "false");
}

void ch_jw_null(struct ch_jw *w, const char *key)
{
    ch_jw_raw(w, key, "null");
}

void ch_jw_raw(struct ch_jw *w, const char *key, const char *json)
{
    begin_value(w, key);
    ch_buf_puts(&w->out, json != NULL ? json : "null");
}

/* Parsed trees are at most CH_JSON_MAX_DEPTH deep, so the recursion is bounded. */
void ch_jw_members(struct ch_jw *w, const char *json)
{
    static const char blank[] = " \t\r\n";

    if (json == NULL)
        return;
    const char *first = json + strspn(json, blank), *end = first + strlen(first);
    while (end > first && strchr(blank, end[-1]) != NULL)
        end--;
    if (end - first < 2 || *first != '{' || end[-1] != '}')
        abort();
    first += 1 + strspn(first + 1, blank);
    end--;
    if (first >= end)
        return;
    begin_value(w, NULL);
    ch_buf_add(&w->out, first, (size_t)(end - first));
}

void ch_jw_node(struct ch_jw *w, const char *key, const struct ch_json *node)
{
    switch (node->kind) {
    case CH_JSON_NULL:
        ch_jw_null(w, key);
        break;
    case CH_JSON_BOOL:
        ch_jw_bool(w, key, node->truth);
        break;
    case CH_JSON_NUMBER:
        ch_jw_raw(w, key, node->text);
        break;
    case CH_JSON_STRING:
        ch_jw_text(w, key, node->text);
        break;
    case CH_JSON_ARRAY:
    case CH_JSON_OBJECT:
        open_level(w, key, node->kind == CH_JSON_ARRAY ? '[' : '{');
        for (const struct ch_json *m = node->first; m != NULL; m = m->next)
            ch_jw_node(w, m->key, m);
        close_level(w, node->kind == CH_JSON_ARRAY ? ']' : '}');
        break;
    }
}

char *ch_jw_done(struct ch_jw *w)
{
    if (w->depth != 0)
        abort();
    return w->out.p;
}
