/* SPDX-License-Identifier: Apache-2.0
 * Writes documents by their tables. */
#include "core/web/output.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

const char *ch_out_col(const struct ch_out_source *s, const char *column)
{
    return ch_col(&s->answers[s->answer], s->row, column);
}

const char *ch_out_text(const struct ch_out_source *s, const char *column)
{
    return ch_col_text(&s->answers[s->answer], s->row, column);
}

bool ch_out_bool(const struct ch_out_source *s, const char *column)
{
    return ch_col_bool(&s->answers[s->answer], s->row, column);
}

static void put_rows(struct ch_jw *w, const struct ch_out *m, const struct ch_out_source *s)
{
    ch_jw_array(w, m->member);
    for (int i = 0; i < s->answers[m->answer].n; i++) {
        const struct ch_out_source row = {s->answers, m->answer, i, s->context};
        ch_jw_object(w, NULL);
        ch_out_members(w, m->item, &row);
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

static void put_object(struct ch_jw *w, const struct ch_out *m, const struct ch_out_source *s)
{
    if (m->column != NULL && ch_out_col(s, m->column) == NULL) {
        ch_jw_null(w, m->member);
        return;
    }
    ch_jw_object(w, m->member);
    ch_out_members(w, m->item, s);
    ch_jw_end_object(w);
}

/* Converts PostgreSQL's "2026-11-22 18:33:30.123456+08" to RFC 3339. The programs get +08 (sql/load.sql); other offsets are
 * converted to it. */
static const char *time_text(struct ch_arena *a, const char *value)
{
    char text[sizeof "2026-11-22T10:33:30+00:00"];

    if (strlen(value) < strlen("2026-11-22 10:33:30+00"))
        return NULL;
    const char *offset = strpbrk(value + strlen("2026-11-22 "), "+-");
    if (offset == NULL)
        return NULL;
    if (strcmp(offset, "+08") == 0)
        return ch_printf(a, "%.10sT%.8s+08:00", value, value + 11);
    snprintf(text, sizeof text, "%.10sT%.8s%.3s:%.2s", value, value + 11, offset, offset[3] == ':' ? offset + 4 : "00");
    return ch_rfc3339(a, ch_parse_rfc3339(text));
}

static void put_value(struct ch_jw *w, const struct ch_out *m, const char *value)
{
    if (value == NULL) {
        if (!m->absent)
            ch_jw_null(w, m->member);
    } else if (m->kind == CH_OUT_KIND_TEXT) {
        ch_jw_text(w, m->member, value);
    } else if (m->kind == CH_OUT_KIND_TIME) {
        ch_jw_text(w, m->member, time_text(w->out.a, value));
    } else if (m->kind == CH_OUT_KIND_BOOL) {
        ch_jw_bool(w, m->member, value[0] == 't');
    } else {
        ch_jw_raw(w, m->member, value);
    }
}

void ch_out_members(struct ch_jw *w, const struct ch_out *table, const struct ch_out_source *s)
{
    for (const struct ch_out *m = table; m->kind != CH_OUT_KIND_END; m++) {
        switch (m->kind) {
        case CH_OUT_KIND_OBJECT:
            put_object(w, m, s);
            break;
        case CH_OUT_KIND_ROWS:
            put_rows(w, m, s);
            break;
        case CH_OUT_KIND_CALL:
            m->call(w, m->member, s);
            break;
        default:
            put_value(w, m, ch_out_col(s, m->column));
        }
    }
}

const char *ch_out_document(struct ch_arena *a, const struct ch_out *table, const struct ch_rows *answers, void *context)
{
    const struct ch_out_source source = {answers, 0, 0, context};
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_out_members(&w, table, &source);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}
