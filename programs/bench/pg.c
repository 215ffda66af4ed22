/* SPDX-License-Identifier: Apache-2.0
 * The database as its owner. */
#include "programs/bench/pg.h"

#include "core/base/config.h"

#include <stdio.h>
#include <stdlib.h>

#define UUIDS 2951 /* pg_type.oid of uuid[] */
#define PIECE (1 << 20)

static void close_connection(void *c)
{
    PQfinish(c);
}

static void clear_result(void *res)
{
    PQclear(res);
}

static void ignore_notice(void *unused, const char *text)
{
    (void)unused;
    (void)text;
}

static bool report_error(PGconn *c, const char *sql)
{
    fprintf(stderr, "%.120s\n  %s", sql, PQerrorMessage(c));
    return false;
}

PGconn *pg_connect(struct ch_arena *a, bool loading)
{
    PGconn *c = PQconnectdb(ch_printf(a, "%s user=certhall_owner", ch_conf(CONF_DB)));

    ch_defer(a, close_connection, c);
    PQsetNoticeProcessor(c, ignore_notice, NULL);
    if (PQstatus(c) != CONNECTION_OK) {
        report_error(c, "database");
        return NULL;
    }
    bool ok = pg_do(c, "SET timezone = 'UTC'") && pg_do(c, "SET synchronous_commit = off") &&
              pg_do(c, "SET jit = off") && (!loading || pg_do(c, "SET session_replication_role = replica"));
    return ok ? c : NULL;
}

bool pg_do(PGconn *c, const char *sql)
{
    PGresult *res = PQexec(c, sql);
    ExecStatusType s = PQresultStatus(res);

    PQclear(res);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK || report_error(c, sql);
}

PGresult *pg_ask(struct ch_arena *a, PGconn *c, const char *sql, const char *first, const char *second)
{
    static const Oid types[] = {UUIDS, UUIDS};
    const char *values[] = {first, second};
    PGresult *res = PQexecParams(c, sql, first != NULL ? 2 : 0, types, values, NULL, NULL, 0);

    ch_defer(a, clear_result, res);
    if (PQresultStatus(res) == PGRES_TUPLES_OK)
        return res;
    report_error(c, sql);
    return NULL;
}

int64_t pg_number(struct ch_arena *a, PGconn *c, const char *sql)
{
    PGresult *res = pg_ask(a, c, sql, NULL, NULL);

    return res != NULL && PQntuples(res) > 0 ? atoll(PQgetvalue(res, 0, 0)) : 0;
}

bool pg_copy(PGconn *c, const char *sql, const char *rows, size_t n)
{
    PGresult *res = PQexec(c, sql);
    bool ok = PQresultStatus(res) == PGRES_COPY_IN;

    PQclear(res);
    for (size_t at = 0; ok && at < n; at += PIECE)
        ok = PQputCopyData(c, rows + at, (int)(n - at < PIECE ? n - at : PIECE)) == 1;
    ok = ok && PQputCopyEnd(c, NULL) == 1;
    while ((res = PQgetResult(c)) != NULL) {
        ok = ok && PQresultStatus(res) == PGRES_COMMAND_OK;
        PQclear(res);
    }
    return ok || report_error(c, sql);
}
