/* SPDX-License-Identifier: Apache-2.0
 * The database as its owner sees it: queries made on the spot, which core/db/db.h has no place for, and COPY. */
#ifndef BENCH_PG_H
#define BENCH_PG_H

#include "core/base/arena.h"
#include "core/base/buf.h"

#include <libpq-fe.h>

/* A connection in which times are UTC and, when `loading`, neither triggers nor foreign keys are asked. NULL after saying
 * why; ends with the arena. */
PGconn *pg_connect(struct ch_arena *a, bool loading) CH_MUST;

/* A statement without an answer; false after saying why. */
bool pg_do(PGconn *c, const char *sql) CH_MUST;
/* A statement with up to two parameters (arrays of UUIDs as text, NULL for none) and its answer, which lasts as long as the
 * arena; NULL after saying why. */
PGresult *pg_ask(struct ch_arena *a, PGconn *c, const char *sql, const char *first, const char *second) CH_MUST;
/* The first value of the first row as a number; 0 for none. */
int64_t pg_number(struct ch_arena *a, PGconn *c, const char *sql);
/* Sends `rows`, in COPY's text format, to "COPY … FROM STDIN". */
bool pg_copy(PGconn *c, const char *sql, const char *rows, size_t n) CH_MUST;

#endif
