/* SPDX-License-Identifier: Apache-2.0
 * Writing the export of the log: its lines. */
#include "core/order/log_write.h"

#include "core/base/codec.h"
#include "core/json/json.h"

#include <string.h>

static void begin_line(struct ch_arena *a, struct ch_jw *w)
{
    ch_jw_init(w, a);
    ch_jw_object(w, NULL);
}

static void end_line(struct ch_arena *a, struct ch_log_write *w, struct ch_jw *line, struct ch_buf *out)
{
    ch_jw_end_object(line);
    const char *text = ch_jw_done(line);
    ch_log_mark_line(a, &w->mark, CH_BYTES(text, strlen(text)));
    ch_buf_puts(out, text);
    ch_buf_putc(out, '\n');
}

static const char *hex_of(struct ch_arena *a, const struct ch_rows *rows, int i, const char *column)
{
    return ch_hex(a, ch_col_bytes(rows, a, i, column));
}

static void put_first(struct ch_arena *a, struct ch_log_write *w, struct ch_buf *out)
{
    struct ch_jw line;

    begin_line(a, &line);
    ch_jw_text(&line, "kind", CH_LOG_KIND);
    ch_jw_int(&line, "version", CH_LOG_VERSION);
    ch_jw_int(&line, "size", w->size);
    end_line(a, w, &line, out);
}

static void put_row(struct ch_arena *a, struct ch_log_write *w, const struct ch_rows *rows, int i, struct ch_buf *out)
{
    struct ch_jw line;

    begin_line(a, &line);
    ch_jw_int(&line, "leaf", w->leaves);
    if (ch_col(rows, i, "subject") == NULL) {
        ch_jw_text(&line, "hash", hex_of(a, rows, i, "hash"));
    } else {
        ch_jw_text(&line, "subject", ch_col(rows, i, "subject"));
        ch_jw_int(&line, "seq", ch_col_int(rows, i, "seq"));
        if (ch_col(rows, i, "before") != NULL)
            ch_jw_text(&line, "before", hex_of(a, rows, i, "before"));
        ch_jw_text(&line, "head", hex_of(a, rows, i, "head"));
        ch_jw_text(&line, "text", ch_col(rows, i, "body"));
    }
    end_line(a, w, &line, out);
    w->leaves++;
}

static void put_head(struct ch_arena *a, struct ch_log_write *w, const struct ch_rows *heads, int i, struct ch_buf *out)
{
    struct ch_jw line;

    begin_line(a, &line);
    ch_jw_int(&line, "size", ch_col_int(heads, i, "size"));
    ch_jw_text(&line, "root", hex_of(a, heads, i, "root"));
    ch_jw_text(&line, "signed_at", ch_col(heads, i, "signed_at"));
    ch_jw_text(&line, "signature", ch_base64(a, ch_col_bytes(heads, a, i, "signature")));
    end_line(a, w, &line, out);
    w->heads++;
}

static void put_last(struct ch_arena *a, struct ch_log_write *w, struct ch_buf *out)
{
    const char *mark = ch_hex(a, CH_BYTES(w->mark.is, w->mark.n));
    struct ch_jw line;

    begin_line(a, &line);
    ch_jw_int(&line, "leaves", w->leaves);
    ch_jw_int(&line, "heads", w->heads);
    ch_jw_text(&line, "mark", mark);
    end_line(a, w, &line, out);
}

bool ch_log_write_page(struct ch_arena *a, struct ch_log_write *w, const struct ch_rows *rows,
                       const struct ch_rows *heads, struct ch_bytes *lines)
{
    struct ch_buf out;
    int head = 0;

    ch_buf_init(&out, a);
    if (w->leaves == 0)
        put_first(a, w, &out);
    for (int i = 0; i < rows->n; i++) {
        if (ch_col_int(rows, i, "leaf") != w->leaves)
            return false;
        put_row(a, w, rows, i, &out);
        for (; head < heads->n && ch_col_int(heads, head, "size") == w->leaves; head++)
            put_head(a, w, heads, head, &out);
    }
    if (rows->n == 0 && w->leaves < w->size)
        return false;
    if (w->leaves == w->size)
        put_last(a, w, &out);
    *lines = ch_buf_bytes(&out);
    return true;
}
