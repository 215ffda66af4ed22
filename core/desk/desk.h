/* SPDX-License-Identifier: Apache-2.0
 * Shared by the modules of the back office: roles, lists by pages, the bodies of decisions. */
#ifndef CH_DESK_DESK_H
#define CH_DESK_DESK_H

#include "core/format/csv.h"
#include "core/web/input.h"
#include "core/web/module.h"

/* ---- roles ---- */

#define CH_CLERK (CH_REVIEWER | CH_FINANCE | CH_PRODUCER)
/* An outlet's producer may only use routes that are about one order; hall.desk_seen tells which orders. */
#define CH_OF_ORDER (CH_CLERK | CH_OUTLET)
#define CH_MAKER (CH_PRODUCER | CH_OUTLET)
#define CH_OVERSEER (CH_AUDITOR | CH_ADMIN)

/* ---- lists (pages.c) ---- */

/* The parameter ?page_size= of a list, or `usual` when it is absent. */
struct ch_param ch_desk_page_size(struct ch_req *r, int64_t usual);

/* The parameter ?after= of a list whose cursors are ids; anything else is the first page. */
struct ch_param ch_desk_after_id(struct ch_req *r);

/* Replies with a page of rows that the program completes, since it decrypts. Of each row "out" has the members that the database has
 * put together, and `put` writes the others. One row more than `most` was read where there is another page, which begins behind the
 * `cursor` (a column) of the last that is shown. */
typedef enum ch_err ch_desk_put_row(struct ch_req *r, struct ch_jw *w, const void *ctx, const struct ch_rows *rows, int row);
enum ch_err ch_desk_rows_reply(struct ch_req *r, int status, const struct ch_rows *rows, int most, const char *cursor,
                               ch_desk_put_row *put, const void *ctx) CH_MUST;

/* A column of a CSV file: its heading, and how a row's member is written. */
struct ch_desk_column {
    const char *heading;
    void (*put)(struct ch_csv *c, const struct ch_json *row, const char *member);
    const char *member;
};
void ch_desk_put_text(struct ch_csv *c, const struct ch_json *row, const char *member);
void ch_desk_put_fen(struct ch_csv *c, const struct ch_json *row, const char *member); /* an empty cell when there is no amount */

/* Replies with a CSV file of the list's "items". */
enum ch_err ch_desk_csv_reply(struct ch_req *r, const char *file, const struct ch_desk_column *columns, size_t n,
                              const struct ch_json *list) CH_MUST;
/* The same with all pages of a list, each of which is read when the one before is sent (ch_reply_parts). */
typedef enum ch_err ch_desk_read_page(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out);
enum ch_err ch_desk_csv_reply_all(struct ch_req *r, const char *file, const struct ch_desk_column *columns, size_t n,
                                  ch_desk_read_page *read) CH_MUST;

/* ---- decisions (words.c) ---- */

struct ch_words_in {
    const char *note; /* the reason or circumstances: why a request is refused, who called and how they were identified, … */
};
extern const struct ch_input ch_words_body;

#endif
