/* SPDX-License-Identifier: Apache-2.0
 * Lists that people read page by page, and that are exported as whole tables. */
#include "core/desk/desk.h"

#include "core/base/random.h"

#include <stdio.h>
#include <string.h>

#define CSV "text/csv; charset=utf-8"
#define PAGE_OF_TABLE 1000 /* items read at a time for a table */
#define CURSOR_MOST 250    /* bytes of hall.cursor_of */

struct ch_param ch_desk_page_size(struct ch_req *r, int64_t usual)
{
    return ch_p_int(r->a, ch_query_int(r, "page_size", usual, 1, 100));
}

struct ch_param ch_desk_after_id(struct ch_req *r)
{
    const char *after = ch_query(r, "after");
    return ch_p_text(after != NULL && ch_is_uuid(after) ? after : NULL);
}

enum ch_err ch_desk_rows_reply(struct ch_req *r, int status, const struct ch_rows *rows, int most, const char *cursor,
                               ch_desk_put_row *put, const void *ctx)
{
    struct ch_jw w;
    enum ch_err e = CH_OK;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "items");
    for (int i = 0; e == CH_OK && i < rows->n && i < most; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_members(&w, ch_col(rows, i, "out"));
        e = put(r, &w, ctx, rows, i);
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_text(&w, "next", rows->n > most ? ch_col(rows, most - 1, cursor) : NULL);
    ch_jw_null(&w, "total");
    ch_jw_end_object(&w);
    return e == CH_OK ? ch_reply_json(r, status, ch_jw_done(&w)) : e;
}

void ch_desk_put_text(struct ch_csv *c, const struct ch_json *row, const char *member)
{
    ch_csv_text(c, ch_json_text(row, member));
}

void ch_desk_put_fen(struct ch_csv *c, const struct ch_json *row, const char *member)
{
    int64_t fen;

    if (ch_json_int(row, member, &fen))
        ch_csv_fen(c, fen);
    else
        ch_csv_text(c, NULL);
}

static void begin_table(struct ch_csv *c, struct ch_arena *a, const struct ch_desk_column *columns, size_t n)
{
    ch_csv_init(c, a);
    for (size_t i = 0; i < n; i++)
        ch_csv_text(c, columns[i].heading);
    ch_csv_end_row(c);
}

static void put_rows(struct ch_csv *c, const struct ch_desk_column *columns, size_t n, const struct ch_json *list)
{
    for (const struct ch_json *row = ch_json_first(list, "items"); row != NULL; row = row->next) {
        for (size_t i = 0; i < n; i++)
            columns[i].put(c, row, columns[i].member);
        ch_csv_end_row(c);
    }
}

enum ch_err ch_desk_csv_reply(struct ch_req *r, const char *file, const struct ch_desk_column *columns, size_t n,
                              const struct ch_json *list)
{
    struct ch_csv c;

    begin_table(&c, r->a, columns, n);
    put_rows(&c, columns, n, list);
    return ch_reply_file(r, CSV, file, ch_csv_done(&c));
}

/* A table that is sent page by page. */
struct table {
    const struct ch_desk_column *columns;
    size_t n;
    ch_desk_read_page *read;
    bool begun;
    char after[CURSOR_MOST + 1]; /* of the last page that was read */
};

static enum ch_err put_page(struct ch_req *r, void *state, struct ch_bytes *part, bool *more)
{
    struct table *t = state;
    struct ch_json *page;
    struct ch_csv c;
    const char *out;

    enum ch_err e = t->read(r, ch_p_text(t->begun ? t->after : NULL), ch_p_int(r->a, PAGE_OF_TABLE), &out);
    if (e != CH_OK)
        return e;
    if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &page, NULL) != CH_JSON_OK)
        return ch_fail(r, CH_E_INTERNAL, "the list is no JSON");
    if (t->begun)
        ch_csv_continue(&c, r->a);
    else
        begin_table(&c, r->a, t->columns, t->n);
    put_rows(&c, t->columns, t->n, page);
    *part = ch_csv_done(&c);
    const char *next = ch_json_text(page, "next");
    *more = next != NULL;
    if (*more && strlen(next) > CURSOR_MOST)
        return ch_fail(r, CH_E_INTERNAL, "the list has a cursor of %zu bytes", strlen(next));
    snprintf(t->after, sizeof t->after, "%s", *more ? next : "");
    t->begun = true;
    return CH_OK;
}

enum ch_err ch_desk_csv_reply_all(struct ch_req *r, const char *file, const struct ch_desk_column *columns, size_t n,
                                  ch_desk_read_page *read)
{
    struct table *t = CH_NEW(r->a, struct table);

    *t = (struct table){.columns = columns, .n = n, .read = read};
    return ch_reply_parts(r, CSV, file, put_page, t);
}
