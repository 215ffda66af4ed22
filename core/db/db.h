/* SPDX-License-Identifier: Apache-2.0
 * PostgreSQL by libpq: named statements with typed parameters, several in one round trip.
 *
 * SQL is in .sql files, never in C. A file has statements, each with the head
 *
 *     -- name: order_get
 *     -- params: uuid, text
 *
 * From modules/new/new.sql tools/sqlgen makes the header new_sql.h with a `const struct ch_stmt new_order_get` for each
 * statement, and the list `new_statements`. Every connection prepares its lists when it is opened, so that a program with a
 * mistake in its SQL does not start.
 *
 * A function of the database refuses with SQLSTATE CH401, CH403, CH404, CH409, CH410, CH415, CH422 or CH429. The message is the
 * sentence for the person, DETAIL the JSON pointer, and HINT, for a conflict, what has changed (JSON). Here that becomes the
 * error with that HTTP status. */
#ifndef CH_DB_DB_H
#define CH_DB_DB_H

#include "core/base/arena.h"
#include "core/base/error.h"

struct ch_stmt {
    const char *name; /* unique within a program */
    const char *sql;
    const char *params; /* type names, comma separated; "" for none */
    size_t n;           /* how many */
};

/* A list of statements, which ends with NULL. */
typedef const struct ch_stmt *const ch_stmts[];

enum ch_param_kind { CH_PARAM_NULL, CH_PARAM_TEXT, CH_PARAM_BYTES };

/* A parameter. Text is sent in text form for whatever type the statement declares, bytes as bytea. */
struct ch_param {
    enum ch_param_kind kind;
    struct ch_bytes value;
};

struct ch_param ch_p_text(const char *s);      /* NULL becomes SQL NULL; not copied */
struct ch_param ch_p_bytes(struct ch_bytes b); /* p NULL becomes SQL NULL; not copied */
struct ch_param ch_p_int(struct ch_arena *a, int64_t v);
struct ch_param ch_p_bool(bool v);
struct ch_param ch_p_null(void);
/* An array, of texts with letters, digits and dashes alone, which need no quotes. */
struct ch_param ch_p_array(struct ch_arena *a, const char *const *texts, size_t n);

/* Whether a libpq connection text names a server that is reached over the network. */
bool ch_db_remote(const char *conninfo) CH_MUST;

/* A statement with its parameters. */
struct ch_call {
    const struct ch_stmt *stmt;
    const struct ch_param *params;
    size_t n;
};
#define CH_CALL(stmt_, ...) \
    ch_call_of((stmt_), (const struct ch_param[]){__VA_ARGS__}, \
               sizeof((const struct ch_param[]){__VA_ARGS__}) / sizeof(struct ch_param))
#define CH_CALL0(stmt_) ch_call_of((stmt_), NULL, 0)

/* An optimizing compiler stops here at a call with another number of parameters than its statement has. */
__attribute__((error("not as many parameters as the statement has"))) void ch__call_miscounted(void);

/* The same of parameters that the caller keeps until it is sent. */
__attribute__((always_inline)) static inline struct ch_call ch_call_of(const struct ch_stmt *stmt,
                                                                       const struct ch_param *params, size_t n)
{
    if (__builtin_constant_p(stmt->n != n) && stmt->n != n)
        ch__call_miscounted();
    return (struct ch_call){stmt, params, n};
}

/* The rows of an answer; valid as long as the arena that ch_db_run was given. */
struct ch_rows {
    void *result; /* PGresult */
    int n;
};

struct ch_db;

/* Prints the statements of all lists in the form of the .sql files, for the option --statements of programs. Grants
 * (tools/sqlcode) and measurements are derived from the output. Returns the exit status 0. */
int ch_db_print(const struct ch_stmt *const *const *lists);

/* Connects with `conninfo` as `role` and prepares all lists; `lists` ends with NULL. NULL after logging why. */
struct ch_db *ch_db_open(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists) CH_MUST;
/* The same for a program that serves: while the server is away or repairs itself, which may take minutes after a crash, it waits.
 * NULL for what waiting does not mend, and when the process is asked to end. */
struct ch_db *ch_db_await(const char *conninfo, const char *role, const struct ch_stmt *const *const *lists) CH_MUST;
void ch_db_close(struct ch_db *db);

/* Sends the calls as one pipeline with one Sync: in one round trip and, outside ch_db_begin, in one transaction. rows[i] is the
 * answer to calls[i]. On failure the first error is returned, and nothing of the pipeline has taken effect. A dead connection
 * is reopened before sending, never afterwards. */
enum ch_err ch_db_run(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, const struct ch_call *calls, size_t n,
                      struct ch_rows *rows) CH_MUST;
/* Sends one call. `rows` may be NULL. */
enum ch_err ch_db_one(struct ch_db *db, struct ch_arena *a, struct ch_fault *f, struct ch_call call,
                      struct ch_rows *rows) CH_MUST;

/* A transaction of several round trips. */
enum ch_err ch_db_begin(struct ch_db *db, struct ch_fault *f) CH_MUST;
enum ch_err ch_db_commit(struct ch_db *db, struct ch_fault *f) CH_MUST;
/* Does nothing when no transaction is open. */
void ch_db_rollback(struct ch_db *db);

/* Listens on a channel, also after reconnecting. */
enum ch_err ch_db_listen(struct ch_db *db, const char *channel) CH_MUST;
/* Waits for a notification, until `wake_fd` (-1: none) is readable, or for `timeout_ms` milliseconds. */
void ch_db_wait(struct ch_db *db, int timeout_ms, int wake_fd);

/* Whether the answer has a column with that name, even if it has no rows. */
bool ch_col_there(const struct ch_rows *r, const char *name);
/* Columns by name. A name that the statement does not return is a programming error and ends the process. */
const char *ch_col(const struct ch_rows *r, int row, const char *name);      /* NULL for SQL NULL */
const char *ch_col_text(const struct ch_rows *r, int row, const char *name); /* "" for SQL NULL */
int64_t ch_col_int(const struct ch_rows *r, int row, const char *name);      /* 0 for SQL NULL */
bool ch_col_bool(const struct ch_rows *r, int row, const char *name);        /* false for SQL NULL */
/* A bytea column, decoded; p is NULL for SQL NULL. */
struct ch_bytes ch_col_bytes(const struct ch_rows *r, struct ch_arena *a, int row, const char *name);

#endif
