/* SPDX-License-Identifier: Apache-2.0
 * Dropping the indexes before the load, and making them again afterwards. */
#include "programs/bench/indexes.h"

#include "programs/bench/tables.h"

#include <stdio.h>

/* All in one transaction. PostgreSQL writes ONLY into the definition of an index over months, with which the months
 * would get no index; it is removed. */
static const char drop[] =
    "CREATE SCHEMA IF NOT EXISTS bench_fill;"
    "CREATE TABLE IF NOT EXISTS bench_fill.dropped (name name PRIMARY KEY, made_by text NOT NULL);"
    "INSERT INTO bench_fill.dropped"
    " SELECT x.relname, replace(pg_get_indexdef(x.oid), ' ON ONLY ', ' ON ')"
    "   FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
    "  WHERE x.relnamespace = 'hall'::regnamespace AND NOT i.indisunique AND NOT x.relispartition AND t.relname IN (%s);"
    "DO $$ DECLARE n name; BEGIN"
    " FOR n IN SELECT name FROM bench_fill.dropped LOOP EXECUTE format('DROP INDEX IF EXISTS hall.%%I', n); END LOOP; END $$";

bool indexes_drop(struct ch_arena *a, PGconn *c)
{
    struct ch_buf names;

    ch_buf_init(&names, a);
    for (size_t t = 0; t < tables_n; t++)
        ch_buf_printf(&names, "%s'%s'", t > 0 ? "," : "", tables[t].name);
    return pg_do(c, ch_printf(a, drop, names.p));
}

bool indexes_make(struct ch_arena *a, PGconn *c)
{
    if (pg_number(a, c, "SELECT count(*) FROM pg_namespace WHERE nspname = 'bench_fill'") == 0)
        return true;
    PGresult *res = pg_ask(
        a, c,
        "SELECT format('%s; DELETE FROM bench_fill.dropped WHERE name = %L', made_by, name) FROM bench_fill.dropped ORDER BY name",
        NULL, NULL);
    bool ok = res != NULL && pg_do(c, "SET maintenance_work_mem = '256MB'");

    for (int i = 0; ok && i < PQntuples(res); i++)
        ok = pg_do(c, PQgetvalue(res, i, 0));
    return ok && pg_do(c, "DROP SCHEMA bench_fill CASCADE");
}
