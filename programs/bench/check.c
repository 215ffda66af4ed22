/* SPDX-License-Identifier: Apache-2.0
 * Checks after the load: foreign keys, and sizes of tables. */
#include "programs/bench/check.h"

#include <stdio.h>
#include <stdlib.h>

/* For every foreign key its name, and a query that counts the rows which violate it. */
static const char references[] =
    "SELECT k.conrelid::regclass || ' ' || k.conname, format('SELECT count(*) FROM %s t WHERE %s AND NOT EXISTS (SELECT FROM %s r WHERE %s)',"
    "       k.conrelid::regclass, string_agg(format('t.%I IS NOT NULL', f.attname), ' AND '), k.confrelid::regclass,"
    "       string_agg(format('r.%I = t.%I', p.attname, f.attname), ' AND '))"
    "  FROM pg_constraint k, unnest(k.conkey, k.confkey) AS u(here, there), pg_attribute f, pg_attribute p"
    " WHERE k.contype = 'f' AND k.connamespace = 'hall'::regnamespace AND k.conparentid = 0"
    "   AND f.attrelid = k.conrelid AND f.attnum = u.here AND p.attrelid = k.confrelid AND p.attnum = u.there"
    " GROUP BY k.oid, k.conrelid, k.conname, k.confrelid ORDER BY 1";

bool check_references(struct ch_arena *a, PGconn *c)
{
    PGresult *res = pg_ask(a, c, references, NULL, NULL);
    int64_t wrong = 0;

    if (res == NULL)
        return false;
    for (int i = 0; i < PQntuples(res); i++) {
        PGresult *n = pg_ask(a, c, PQgetvalue(res, i, 1), NULL, NULL);
        if (n == NULL)
            return false;
        int64_t rows = atoll(PQgetvalue(n, 0, 0));
        if (rows > 0)
            printf("%s: %lld rows\n", PQgetvalue(res, i, 0), (long long)rows);
        wrong += rows;
    }
    printf("%d foreign keys, %lld rows wrong\n", PQntuples(res), (long long)wrong);
    return wrong == 0;
}

void check_sizes(struct ch_arena *a, PGconn *c)
{
    PGresult *res =
        pg_ask(a, c,
               "SELECT coalesce(p.relname, c.relname), sum(pg_total_relation_size(c.oid)), sum(pg_indexes_size(c.oid)),"
               "       sum(greatest(c.reltuples, 0))::bigint" /* the months of a table count under its name */
               "  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent"
               " WHERE c.relnamespace = 'hall'::regnamespace AND c.relkind = 'r' GROUP BY 1 ORDER BY 2 DESC LIMIT 16",
               NULL, NULL);
    int64_t orders = pg_number(a, c, "SELECT count(*) FROM hall.orders"),
            bytes = pg_number(a, c, "SELECT pg_database_size(current_database())");

    if (res == NULL || orders == 0)
        return;
    printf("%-16s %12s %12s %12s %10s\n", "table", "MB", "of it index", "rows", "B/order");
    for (int i = 0; i < PQntuples(res); i++) {
        double all = atof(PQgetvalue(res, i, 1)), index = atof(PQgetvalue(res, i, 2));
        printf("%-16s %12.1f %12.1f %12s %10.0f\n", PQgetvalue(res, i, 0), all / 1e6, index / 1e6,
               PQgetvalue(res, i, 3), all / (double)orders);
    }
    printf("%lld orders, %.1f MB: %.0f bytes an order\n", (long long)orders, (double)bytes / 1e6,
           (double)bytes / (double)orders);
}
