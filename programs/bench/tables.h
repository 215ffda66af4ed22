/* SPDX-License-Identifier: Apache-2.0
 * The tables that an order's rows stand in (tables.tbl), with the columns that they have in this database. */
#ifndef BENCH_TABLES_H
#define BENCH_TABLES_H

#include "programs/bench/pg.h"

#define TABLES_MAX 64
#define COLUMNS_MAX 96

struct column {
    const char *name, *type;
    const char *place; /* of an encrypted column (core/crypto/ring.h), else NULL */
};

struct table {
    const char *name, *rows;
    const char *list;      /* its columns by name, separated by commas */
    struct column columns[COLUMNS_MAX];
    size_t n;
    int row;               /* of a table with encrypted columns: the column whose value they are bound to */
};


extern struct table tables[TABLES_MAX];
extern size_t tables_n;

/* Reads what columns there are: neither those that PostgreSQL computes nor numbers that it gives, but audit's, which the log
 * refers to. False after saying why. */
bool tables_read(struct ch_arena *a, PGconn *c) CH_MUST;
/* Makes temporary tables of the same names with all rows that belong to these orders and accounts (an array of UUIDs): some of the
 * conditions have no index, and need none but here. Bare names mean these from then on. */
bool tables_gather(struct ch_arena *a, PGconn *c, const char *orders_and_accounts) CH_MUST;
int table_of(const char *name); /* ends the process when there is none */
int column_of(const struct table *t, const char *name); /* -1: none */

#endif
