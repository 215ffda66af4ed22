/* SPDX-License-Identifier: Apache-2.0
 * The database as its owner: queries that are composed at run time, which core/db/db.h does not support, and COPY. */
#ifndef BENCH_PG_H
#define BENCH_PG_H

#include "core/base/arena.h"
#include "core/base/buf.h"

#include <libpq-fe.h>

/* Opens a connection in which times are UTC. With `loading`, triggers and foreign keys are switched off. The arena closes it;
 * NULL after an error message. */
PGconn *pg_connect(struct ch_arena *a, bool loading) CH_MUST;

/* Runs a statement without a result; false after an error message. */
bool pg_do(PGconn *c, const char *sql) CH_MUST;
/* Runs a statement with two parameters (arrays of UUIDs as text) or, when `first` is NULL, without any. The result lasts as
 * long as the arena; NULL after an error message. */
PGresult *pg_ask(struct ch_arena *a, PGconn *c, const char *sql, const char *first, const char *second) CH_MUST;
/* The first value of the first row as a number; 0 when there is none. */
int64_t pg_number(struct ch_arena *a, PGconn *c, const char *sql);
/* Sends `rows`, in COPY's text format, to the statement "COPY … FROM STDIN"; false after an error message. */
bool pg_copy(PGconn *c, const char *sql, const char *rows, size_t n) CH_MUST;

#endif
