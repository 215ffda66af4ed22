/* SPDX-License-Identifier: Apache-2.0
 * Lists that people read page by page, and that are exported as whole tables. */
#include "core/desk/desk.h"

#include <string.h>

#define PAGE_OF_TABLE 1000 /* items read at a time for a table */

struct ch_param ch_desk_page_size(struct ch_req *r, int64_t usual)
{
    return ch_p_int(r->a, ch_query_int(r, "page_size", usual, 1, 100));
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

static void begin_table(struct ch_req *r, struct ch_csv *c, const struct ch_desk_column *columns, size_t n)
{
    ch_csv_init(c, r->a);
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

static enum ch_err reply_table(struct ch_req *r, const char *file, const struct ch_csv *c)
{
    return ch_reply_file(r, "text/csv; charset=utf-8", file, ch_csv_done(c));
}

enum ch_err ch_desk_csv_reply(struct ch_req *r, const char *file, const struct ch_desk_column *columns, size_t n,
                              const struct ch_json *list)
{
    struct ch_csv c;

    begin_table(r, &c, columns, n);
    put_rows(&c, columns, n, list);
    return reply_table(r, file, &c);
}

enum ch_err ch_desk_csv_reply_all(struct ch_req *r, const char *file, const struct ch_desk_column *columns, size_t n,
                                  ch_desk_read_page *read)
{
    const char *out, *after = NULL;
    struct ch_json *page;
    struct ch_csv c;

    begin_table(r, &c, columns, n);
    do {
        enum ch_err e = read(r, ch_p_text(after), ch_p_int(r->a, PAGE_OF_TABLE), &out);
        if (e != CH_OK)
            return e;
        if (ch_json_parse(r->a, CH_BYTES(out, strlen(out)), &page, NULL) != CH_JSON_OK)
            return ch_fail(r, CH_E_INTERNAL, "the list is no JSON");
        put_rows(&c, columns, n, page);
        after = ch_json_text(page, "next");
    } while (after != NULL);
    return reply_table(r, file, &c);
}
