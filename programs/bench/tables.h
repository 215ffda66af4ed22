/* SPDX-License-Identifier: Apache-2.0
 * The tables that contain the rows of an order (tables.tbl), with their columns in this database. */
#ifndef BENCH_TABLES_H
#define BENCH_TABLES_H

#include "programs/bench/pg.h"

#define TABLES_MAX 64
#define COLUMNS_MAX 96

struct column {
    const char *name, *type;
    const char *place; /* the place of an encrypted column (core/crypto/ring.h); NULL for other columns */
};

struct table {
    const char *name, *rows;
    const char *list; /* the names of its columns, separated by commas */
    struct column columns[COLUMNS_MAX];
    size_t n;
    int row; /* the column whose value the encrypted columns are bound to */
};

extern struct table tables[TABLES_MAX];
extern size_t tables_n;

/* Reads the columns of all tables, without generated ones and without identity columns, except for that of audit, which the log
 * refers to. False after an error message. */
bool tables_read(struct ch_arena *a, PGconn *c) CH_MUST;
/* Makes temporary tables of the same names with all rows that belong to these orders and accounts (an array of UUIDs), because
 * some of the conditions have no index. From then on, names without a schema mean these tables. */
bool tables_gather(struct ch_arena *a, PGconn *c, const char *orders_and_accounts) CH_MUST;
int table_of(const char *name);                         /* ends the process when there is none */
int column_of(const struct table *t, const char *name); /* -1: none */

#endif
