/* SPDX-License-Identifier: Apache-2.0
 * The counterpart of input.h: writes a JSON object by a table of members, which are read from rows of the database.
 *
 *     static const struct ch_out line[] = {CH_OUT_TEXT("at"), CH_OUT_TEXT("text"), CH_OUT_END};
 *     static const struct ch_out page[] = {
 *         CH_OUT_TEXT("number"),
 *         CH_OUT_OBJECT("payment", payment),
 *         CH_OUT_ROWS("history", HISTORY, line),
 *         CH_OUT_END,
 *     };
 *
 * A member has the name of its column; the macros that end in _OF take another column. SQL NULL becomes null, but members of
 * CH_OUT_JSON_IF are then left out. A column that the statement does not return is a programming error and ends the process,
 * as with ch_col. */
#ifndef CH_WEB_OUTPUT_H
#define CH_WEB_OUTPUT_H

#include "core/db/db.h"
#include "core/json/json.h"

enum ch_out_kind {
    CH_OUT_KIND_END,
    CH_OUT_KIND_TEXT,
    CH_OUT_KIND_PLAIN, /* numbers, and jsonb as the database writes it */
    CH_OUT_KIND_BOOL,
    CH_OUT_KIND_TIME,   /* a timestamptz, as RFC 3339 in the hall's time zone, to the second */
    CH_OUT_KIND_OBJECT, /* an object from the same row */
    CH_OUT_KIND_ROWS,   /* an array with an object for each row of another answer */
    CH_OUT_KIND_CALL
};

/* The source of the values. */
struct ch_out_source {
    const struct ch_rows *answers; /* the numbers in CH_OUT_ROWS are indexes into these */
    int answer, row;               /* the answer and its row that have the columns of the current object */
    void *context;                 /* for CH_OUT_CALL */
};

/* Writes one member whose value is not a column, or not in that form. */
typedef void ch_out_call(struct ch_jw *w, const char *member, const struct ch_out_source *s);

struct ch_out {
    const char *member;
    const char *column;
    enum ch_out_kind kind;
    bool absent;               /* left out when the column is NULL */
    int answer;                /* of CH_OUT_ROWS */
    const struct ch_out *item; /* of CH_OUT_OBJECT and CH_OUT_ROWS */
    ch_out_call *call;
};

// clang-format off
#define CH_OUT_END {.kind = CH_OUT_KIND_END}
#define CH_OUT_TEXT_OF(m, c) {.member = (m), .column = (c), .kind = CH_OUT_KIND_TEXT}
#define CH_OUT_TEXT(m) CH_OUT_TEXT_OF(m, m)
#define CH_OUT_INT_OF(m, c) {.member = (m), .column = (c), .kind = CH_OUT_KIND_PLAIN}
#define CH_OUT_INT(m) CH_OUT_INT_OF(m, m)
#define CH_OUT_JSON(m) CH_OUT_INT_OF(m, m)
#define CH_OUT_JSON_IF(m) {.member = (m), .column = (m), .kind = CH_OUT_KIND_PLAIN, .absent = true}
#define CH_OUT_TIME_OF(m, c) {.member = (m), .column = (c), .kind = CH_OUT_KIND_TIME}
#define CH_OUT_TIME(m) CH_OUT_TIME_OF(m, m)
#define CH_OUT_BOOL_OF(m, c) {.member = (m), .column = (c), .kind = CH_OUT_KIND_BOOL}
#define CH_OUT_BOOL(m) CH_OUT_BOOL_OF(m, m)
#define CH_OUT_OBJECT(m, members) {.member = (m), .kind = CH_OUT_KIND_OBJECT, .item = (members)}
/* The object is null when the column is NULL. */
#define CH_OUT_OBJECT_IF(m, c, members) {.member = (m), .column = (c), .kind = CH_OUT_KIND_OBJECT, .item = (members)}
#define CH_OUT_ROWS(m, n, members) {.member = (m), .kind = CH_OUT_KIND_ROWS, .answer = (n), .item = (members)}
#define CH_OUT_CALL(m, f) {.member = (m), .kind = CH_OUT_KIND_CALL, .call = (f)}
// clang-format on

/* Writes the members of one row into an object that was begun. */
void ch_out_members(struct ch_jw *w, const struct ch_out *table, const struct ch_out_source *s);

/* Returns the whole object as JSON text. Its columns are those of the first row of the first answer; CH_OUT_ROWS can use any
 * answer. `context`, for CH_OUT_CALL, may be NULL. */
const char *ch_out_document(struct ch_arena *a, const struct ch_out *table, const struct ch_rows *answers, void *context);

/* A column of the source's row, for CH_OUT_CALL. */
const char *ch_out_col(const struct ch_out_source *s, const char *column);
const char *ch_out_text(const struct ch_out_source *s, const char *column); /* "" for SQL NULL */
bool ch_out_bool(const struct ch_out_source *s, const char *column);        /* false for SQL NULL */

#endif
