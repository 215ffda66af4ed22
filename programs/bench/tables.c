/* SPDX-License-Identifier: Apache-2.0
 * The tables that contain the rows of an order. */
#include "programs/bench/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table tables[TABLES_MAX] = {
#define TABLE(name, rows) {name, rows, NULL, {{0}}, 0, -1},
#include "programs/bench/tables.tbl"
#undef TABLE
};
size_t tables_n;

int table_of(const char *name)
{
    for (size_t i = 0; i < tables_n; i++)
        if (strcmp(tables[i].name, name) == 0)
            return (int)i;
    abort(); /* the names are in our own source */
}

int column_of(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

static bool read_columns(struct ch_arena *a, PGconn *c, struct table *t)
{
    struct ch_buf list;
    PGresult *res =
        pg_ask(a, c,
               ch_printf(a,
                         "SELECT a.attname, format_type(a.atttypid, NULL), s.place, s.\"row\" FROM pg_attribute a"
                         " LEFT JOIN hall.encrypted_column s ON s.\"table\" = '%1$s' AND s.\"column\" = a.attname"
                         " WHERE a.attrelid = 'hall.%1$s'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''"
                         "   AND (a.attidentity = '' OR '%1$s' = 'audit') ORDER BY a.attnum",
                         t->name),
               NULL, NULL);

    if (res == NULL)
        return false;
    ch_buf_init(&list, a);
    t->n = (size_t)PQntuples(res);
    if (t->n > COLUMNS_MAX)
        abort();
    const char *row = NULL;
    for (size_t i = 0; i < t->n; i++) {
        const char *place = PQgetvalue(res, (int)i, 2);
        t->columns[i] =
            (struct column){PQgetvalue(res, (int)i, 0), PQgetvalue(res, (int)i, 1), *place != '\0' ? place : NULL};
        if (*place != '\0')
            row = PQgetvalue(res, (int)i, 3);
        ch_buf_printf(&list, "%s\"%s\"", i > 0 ? ", " : "", t->columns[i].name);
    }
    t->list = list.p;
    t->row = row != NULL ? column_of(t, row) : column_of(t, "id");
    return true;
}

bool tables_read(struct ch_arena *a, PGconn *c)
{
    for (tables_n = 0; tables_n < TABLES_MAX && tables[tables_n].name != NULL; tables_n++)
        if (!read_columns(a, c, &tables[tables_n]))
            return false;
    return true;
}

/* Gathers the rows of one table, and their ids for the conditions of the tables that follow. */
static bool gather_table(struct ch_arena *a, PGconn *c, const struct table *t, const char *subjects)
{
    int id = column_of(t, "id");
    PGresult *ids = pg_ask(a, c, "SELECT coalesce(array_agg(id), '{}') FROM own_id", NULL, NULL);

    if (ids == NULL || !pg_do(c, ch_printf(a, "CREATE TEMP TABLE %1$s AS SELECT * FROM hall.%1$s LIMIT 0", t->name)) ||
        pg_ask(a, c,
               ch_printf(a, "WITH more AS (INSERT INTO pg_temp.%1$s SELECT * FROM hall.%1$s WHERE %2$s RETURNING 1) SELECT count(*) FROM more",
                         t->name, t->rows),
               subjects, PQgetvalue(ids, 0, 0)) == NULL)
        return false;
    if (id >= 0 && strcmp(t->columns[id].type, "uuid") == 0)
        return pg_do(c, ch_printf(a, "INSERT INTO own_id SELECT id FROM pg_temp.%s", t->name));
    return true;
}

bool tables_gather(struct ch_arena *a, PGconn *c, const char *orders_and_accounts)
{
    bool ok = pg_do(c, "SET search_path = pg_temp, hall") && pg_do(c, "CREATE TEMP TABLE own_id (id uuid)");

    for (size_t t = 0; ok && t < tables_n; t++)
        ok = gather_table(a, c, &tables[t], orders_and_accounts);
    return ok;
}
