/* SPDX-License-Identifier: Apache-2.0
 * Connections, prepared statements, pipelines and notifications. */
#include "core/db/db.h"

#include "core/base/log.h"

#include <libpq-fe.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MAX_PARAMS 32
#define AWAY_MS 200 /* wait between two attempts to reach a server that is away */
/* How often a server that is there may refuse a program that starts, before the program gives up. The connections that the role may have
 * can be those of the program's last run, which take a moment to end. */
#define MOST_REFUSALS 50

struct ch_db {
    PGconn *conn;
    char conninfo[1024];
    const struct ch_stmt *const *const *lists;
    char channel[64]; /* listened on, or "" */
    bool outdated;    /* a statement has other result columns than when it was prepared: new code was loaded */
};

/* The types that a statement may declare (pg_type.oid of built-in types). */
static Oid type_oid(const char *name, size_t n)
{
    static const struct {
        const char *name;
        Oid oid;
    } types[] = {
        {"bool", 16},     {"bytea", 17},  {"int8", 20},          {"int4", 23},   {"text", 25},
        {"text[]", 1009}, {"date", 1082}, {"timestamptz", 1184}, {"uuid", 2950}, {"jsonb", 3802},
    };
    for (size_t i = 0; i < CH_COUNT(types); i++)
        if (strlen(types[i].name) == n && memcmp(types[i].name, name, n) == 0)
            return types[i].oid;
    ch_log(CH_ERROR, NULL, "unknown parameter type %.*s", (int)n, name);
    return 0;
}

/* Converts "uuid, text" to OIDs and returns their number; -1 for an unknown type. */
static int parse_types(const char *params, Oid oids[MAX_PARAMS])
{
    int n = 0;

    while (*params != '\0') {
        size_t len = strcspn(params, ", ");
        if (len > 0) {
            if (n == MAX_PARAMS || (oids[n++] = type_oid(params, len)) == 0)
                return -1;
        }
        params += len + strspn(params + len, ", ");
    }
    return n;
}

static bool prepare_statement(PGconn *conn, const struct ch_stmt *s)
{
    Oid oids[MAX_PARAMS];
    int n = parse_types(s->params, oids);

    if (n < 0)
        return false;
    PGresult *res = PQprepare(conn, s->name, s->sql, n, oids);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;
    if (!ok)
        ch_log(CH_ERROR, NULL, "statement %s: %s", s->name, PQresultErrorMessage(res));
    PQclear(res);
    return ok;
}

static bool prepare_all(struct ch_db *db)
{
    for (const struct ch_stmt *const *const *list = db->lists; list != NULL && *list != NULL; list++)
        for (const struct ch_stmt *const *s = *list; *s != NULL; s++)
            if (!prepare_statement(db->conn, *s))
                return false;
    return true;
}

int ch_db_print(const struct ch_stmt *const *const *lists)
{
    for (const struct ch_stmt *const *const *list = lists; list != NULL && *list != NULL; list++)
        for (const struct ch_stmt *const *s = *list; *s != NULL; s++)
            printf("-- name: %s\n-- params: %s\n%s\n\n", (*s)->name, (*s)->params, (*s)->sql);
    return 0;
}

static bool listen_again(struct ch_db *db)
{
    char sql[96];

    if (db->channel[0] == '\0')
        return true;
    snprintf(sql, sizeof sql, "LISTEN %s", db->channel);
    PGresult *res = PQexec(db->conn, sql);
    bool ok = PQresultStatus(res) == PGRES_COMMAND_OK;
    PQclear(res);
    return ok;
}

/* Logs notices of the server, for example that it shuts down; libpq would print them to standard error. */
static void log_notice(void *unused, const char *text)
{
    (void)unused;
    ch_log(CH_WARN, NULL, "database: %s", text);
}

/* Connects, closing the former connection, prepares all statements and listens again. False after logging why. */
static bool connect_db(struct ch_db *db)
{
    if (db->conn != NULL)
        PQfinish(db->conn);
    db->conn = PQconnectdb(db->conninfo);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        ch_log(CH_ERROR, NULL, "database: %s", PQerrorMessage(db->conn));
        return false;
    }
    PQsetNoticeProcessor(db->conn, log_notice, NULL);
    PQsetErrorVerbosity(db->conn, PQERRORS_TERSE); /* details have values of rows, and messages are logged */
    if (prepare_all(db) && listen_again(db))
        return true;
    PQfinish(db->conn);
    db->conn = NULL; /* a connection without all its statements would look alive, but fail for ever */
    return false;
}

bool ch_db_remote(const char *conninfo)
{
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    bool remote = false;

    for (const PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++) {
        bool has = o->val != NULL && *o->val != '\0';
        if (has && (strcmp(o->keyword, "hostaddr") == 0 || (strcmp(o->keyword, "host") == 0 && *o->val != '/')))
            remote = true;
    }
    PQconninfoFree(options);
    return remote;
}

static struct ch_db *new_db(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists)
{
    struct ch_db *db = calloc(1, sizeof *db);

    if (db == NULL)
        abort();
    snprintf(db->conninfo, sizeof db->conninfo, "%s user=%s", conninfo, role);
    db->lists = lists;
    return db;
}

struct ch_db *ch_db_open(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists)
{
    struct ch_db *db = new_db(conninfo, role, lists);

    if (connect_db(db))
        return db;
    ch_db_close(db);
    return NULL;
}

/* Whether a signal that ends the process is blocked and waits. */
static bool end_asked(void)
{
    sigset_t waiting;

    return sigpending(&waiting) == 0 && (sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1);
}

/* Waits a moment, and while the server is away. False when the process is asked to end. */
static bool await_server(const struct ch_db *db)
{
    PGPing state;

    do {
        nanosleep(&(struct timespec){0, AWAY_MS * 1000000L}, NULL);
        if (end_asked())
            return false;
        state = PQping(db->conninfo);
    } while (state == PQPING_REJECT || state == PQPING_NO_RESPONSE);
    return true;
}

struct ch_db *ch_db_await(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists)
{
    struct ch_db *db = new_db(conninfo, role, lists);

    for (int refused = 0; !connect_db(db); refused++) {
        bool mistake = db->conn == NULL; /* in a statement */
        if (mistake || refused == MOST_REFUSALS || !await_server(db)) {
            ch_db_close(db);
            return NULL;
        }
    }
    return db;
}

void ch_db_close(struct ch_db *db)
{
    if (db == NULL)
        return;
    PQfinish(db->conn);
    free(db);
}

/* Whether the server has not closed an idle connection; found out without a round trip. Other bytes that have come in are
 * notices and notifications, which libpq reads and keeps. */
static bool is_alive(PGconn *conn)
{
    char byte;
    ssize_t n;

    if (PQstatus(conn) != CONNECTION_OK)
        return false;
    while ((n = recv(PQsocket(conn), &byte, 1, MSG_PEEK | MSG_DONTWAIT)) > 0)
        if (PQconsumeInput(conn) == 0)
            return false;
    return n != 0;
}

/* The error for an SQLSTATE: the first row whose prefix matches. */
static enum ch_err sqlstate_error(const char *state)
{
    static const struct {
        const char *prefix;
        enum ch_err code;
    } map[] = {
        {"CH401", CH_E_UNAUTHENTICATED},
        {"CH403", CH_E_FORBIDDEN},
        {"CH404", CH_E_NOT_FOUND},
        {"CH409", CH_E_CONFLICT},
        {"CH410", CH_E_GONE},
        {"CH415", CH_E_MEDIA_TYPE},
        {"CH422", CH_E_INVALID},
        {"CH429", CH_E_TOO_MANY},
        {"23505", CH_E_CONFLICT},
        {"40", CH_E_UNAVAILABLE},
        {"08", CH_E_UNAVAILABLE},
        {"57P0", CH_E_UNAVAILABLE},
        {"53100", CH_E_FULL},
        {"53", CH_E_UNAVAILABLE},
    };
    if (state == NULL)
        return CH_E_UNAVAILABLE; /* an error of libpq: the connection broke */
    for (size_t i = 0; i < CH_COUNT(map); i++)
        if (strncmp(state, map[i].prefix, strlen(map[i].prefix)) == 0)
            return map[i].code;
    return CH_E_INTERNAL;
}

/* Notes what a refusal hints at, unless a failure is noted already: what has changed since the page was loaded, or in how many
 * seconds one may come again. A text that is too long is left out. */
static void note_hint(struct ch_fault *f, enum ch_err code, const char *hint)
{
    if (f->code != CH_OK || hint == NULL)
        return;
    if (code == CH_E_TOO_MANY)
        f->retry_seconds = (int)strtol(hint, NULL, 10);
    else if (strlen(hint) < sizeof f->changed)
        memcpy(f->changed, hint, strlen(hint) + 1);
}

static enum ch_err note_failure(struct ch_db *db, struct ch_fault *f, const struct ch_stmt *stmt, const PGresult *res)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    enum ch_err code = sqlstate_error(state);

    if (state != NULL && strcmp(state, "0A000") == 0) /* feature_not_supported: the result columns have changed */
        db->outdated = true;
    if (state != NULL && strncmp(state, "CH", 2) == 0) {
        note_hint(f, code, PQresultErrorField(res, PG_DIAG_MESSAGE_HINT));
        return ch_refuse(f, code, PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL), text);
    }
    bool quotes = state != NULL && strncmp(state, "22", 2) == 0; /* data exceptions: the text has the value that does not fit */
    return ch_fault(f, code, "%s: %s %s", stmt->name, state != NULL ? state : "-",
                    quotes         ? "a value does not fit"
                    : text != NULL ? text
                                   : PQresultErrorMessage(res));
}

static bool send_call(PGconn *conn, const struct ch_call *c)
{
    const char *values[MAX_PARAMS];
    int lengths[MAX_PARAMS], formats[MAX_PARAMS];

    if (c->n > MAX_PARAMS)
        abort();
    for (size_t i = 0; i < c->n; i++) {
        const struct ch_param *p = &c->params[i];
        values[i] = p->kind == CH_PARAM_NULL ? NULL : (const char *)p->value.p;
        lengths[i] = (int)p->value.n;
        formats[i] = p->kind == CH_PARAM_BYTES;
    }
    return PQsendQueryPrepared(conn, c->stmt->name, (int)c->n, values, lengths, formats, 0) == 1;
}

static void clear_result(void *res)
{
    PQclear(res);
}

/* Reads the answer to one call of the pipeline: its result, then the NULL that ends it. */
static enum ch_err take_result(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, const struct ch_call *c,
                               struct ch_rows *rows)
{
    PGresult *res = PQgetResult(db->conn);
    enum ch_err e = CH_OK;

    if (res == NULL)
        return ch_fault(f, CH_E_UNAVAILABLE, "%s: no answer", c->stmt->name);
    ExecStatusType status = PQresultStatus(res);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        ch_defer(a, clear_result, res);
        *rows = (struct ch_rows){res, PQntuples(res)};
    } else {
        if (status != PGRES_PIPELINE_ABORTED)
            note_failure(db, f, c->stmt, res);
        e = f->code != CH_OK ? f->code : CH_E_INTERNAL;
        PQclear(res);
    }
    while ((res = PQgetResult(db->conn)) != NULL)
        PQclear(res);
    return e;
}

/* Reads the end of the pipeline. */
static enum ch_err take_sync(struct ch_db *db, struct ch_fault *f)
{
    PGresult *res = PQgetResult(db->conn);
    bool ok = PQresultStatus(res) == PGRES_PIPELINE_SYNC;

    PQclear(res);
    if (!ok) /* a deferred constraint fails at the implicit commit */
        return ch_fault(f, CH_E_UNAVAILABLE, "pipeline: %s", PQerrorMessage(db->conn));
    return CH_OK;
}

static enum ch_err take_all(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, const struct ch_call *calls,
                            size_t n, struct ch_rows *rows)
{
    enum ch_err first = CH_OK;

    for (size_t i = 0; i < n; i++) {
        enum ch_err e = take_result(db, a, f, &calls[i], &rows[i]);
        if (first == CH_OK)
            first = e;
        if (PQstatus(db->conn) != CONNECTION_OK) /* lost before the commit was confirmed */
            return first != CH_OK ? first : ch_fault(f, CH_E_UNAVAILABLE, "%s: connection lost", calls[i].stmt->name);
    }
    enum ch_err e = take_sync(db, f);
    return first != CH_OK ? first : e;
}

static enum ch_err run_pipeline(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, const struct ch_call *calls,
                                size_t n, struct ch_rows *rows)
{
    bool sent = PQenterPipelineMode(db->conn) == 1;

    for (size_t i = 0; sent && i < n; i++)
        sent = send_call(db->conn, &calls[i]);
    sent = sent && PQpipelineSync(db->conn) == 1;
    enum ch_err e =
        sent ? take_all(db, a, f, calls, n, rows) : ch_fault(f, CH_E_UNAVAILABLE, "send: %s", PQerrorMessage(db->conn));
    if (PQexitPipelineMode(db->conn) != 1 && !connect_db(db))
        return ch_fault(f, CH_E_UNAVAILABLE, "database connection lost");
    return e;
}

enum ch_err ch_db_run(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, const struct ch_call *calls, size_t n,
                      struct ch_rows *rows)
{
    struct ch_fault own = {0};

    if (f == NULL)
        f = &own;
    if (!is_alive(db->conn) && !connect_db(db))
        return ch_fault(f, CH_E_UNAVAILABLE, "no database");
    bool alone = PQtransactionStatus(db->conn) == PQTRANS_IDLE; /* not within ch_db_begin */
    db->outdated = false;
    enum ch_err e = run_pipeline(db, a, f, calls, n, rows);
    if (!db->outdated)
        return e;
    /* New code was loaded, and a statement returns other columns now. Nothing of the pipeline has taken effect, so it is
     * repeated on a new connection with newly prepared statements, unless it is part of a transaction. */
    if (!connect_db(db))
        return ch_fault(f, CH_E_UNAVAILABLE, "no database");
    if (!alone)
        return ch_fault(f, CH_E_UNAVAILABLE, "new code was loaded");
    *f = (struct ch_fault){0};
    return run_pipeline(db, a, f, calls, n, rows);
}

enum ch_err ch_db_one(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, struct ch_call call, struct ch_rows *rows)
{
    struct ch_rows ignored;
    return ch_db_run(db, a, f, &call, 1, rows != NULL ? rows : &ignored);
}

static enum ch_err run_command(struct ch_db *db, struct ch_fault *f, const char *sql)
{
    PGresult *res = PQexec(db->conn, sql);
    enum ch_err e = CH_OK;

    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        e = ch_fault(f, sqlstate_error(PQresultErrorField(res, PG_DIAG_SQLSTATE)), "%s: %s", sql, PQresultErrorMessage(res));
    PQclear(res);
    return e;
}

enum ch_err ch_db_begin(struct ch_db *db, struct ch_fault *f)
{
    if (!is_alive(db->conn) && !connect_db(db))
        return ch_fault(f, CH_E_UNAVAILABLE, "no database");
    return run_command(db, f, "BEGIN");
}

enum ch_err ch_db_commit(struct ch_db *db, struct ch_fault *f)
{
    return run_command(db, f, "COMMIT");
}

void ch_db_rollback(struct ch_db *db)
{
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        PQclear(PQexec(db->conn, "ROLLBACK"));
}

enum ch_err ch_db_listen(struct ch_db *db, const char *channel)
{
    snprintf(db->channel, sizeof db->channel, "%s", channel);
    return listen_again(db) ? CH_OK : CH_E_UNAVAILABLE;
}

/* Removes all pending notifications; true when there were any. */
static bool take_notifications(struct ch_db *db)
{
    bool called = false;
    PGnotify *note;

    for (; (note = PQnotifies(db->conn)) != NULL; called = true)
        PQfreemem(note);
    return called;
}

void ch_db_wait(struct ch_db *db, int timeout_ms, int wake_fd)
{
    struct pollfd fds[2] = {{PQsocket(db->conn), POLLIN, 0}, {wake_fd, POLLIN, 0}};

    if (take_notifications(db)) /* they came with the answer to a statement, so that the socket will not become readable for them */
        return;
    if (poll(fds, 2, timeout_ms) <= 0 || fds[0].revents == 0)
        return;
    if (PQconsumeInput(db->conn) == 0) /* the server is away, and its closed socket remains readable: avoid a busy loop */
        poll(&fds[1], 1, timeout_ms < AWAY_MS ? timeout_ms : AWAY_MS);
    (void)take_notifications(db);
}
