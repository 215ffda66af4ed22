/* SPDX-License-Identifier: Apache-2.0
 * What a module is: tables of routes and lists of statements. Core does the rest.
 *
 * For every request core does, in this order: match, credential, CSRF, cap, parse, transaction with session and role,
 * handler, answer, reset. A handler checks no role, frees nothing, logs no error and opens no transaction. */
#ifndef CH_WEB_MODULE_H
#define CH_WEB_MODULE_H

#include "core/base/error.h"
#include "core/db/db.h"

struct ch_req;
struct ch_input;

/* Who may. A route names one or several; none (0) stops the start. */
enum ch_role {
#define CH_ROLE(sym, bit, word, audience) sym = 1u << (bit),
#include "core/web/roles.tbl"
#undef CH_ROLE
};

/* How a route meets the database. */
enum ch_tx {
    CH_TX_UNSET,
    CH_TX_NONE,    /* no transaction, at most a look by ch_peek; only for routes whose roles need no session */
    CH_TX_SINGLE,  /* session check and the route's one statement in one round trip, one transaction */
    CH_TX_EACH,    /* each round trip a transaction of its own with its session check: a vendor is asked in between */
    CH_TX_SEVERAL, /* BEGIN, session check, the handler's statements, COMMIT */
};

typedef enum ch_err ch_handler(struct ch_req *r);

/* The handler of a route that is one statement: the one that bears the operation's name ("produce.ship": produce_ship). Its
 * parameters are the path's variables, without the project, and then the body's fields, in their order; absent texts are NULL.
 * Its column `out` is the answer, and 404 without a row; without such a column the answer is empty. */
ch_handler ch_statement;

struct ch_route {
    const char *method;
    const char *path;             /* "/{slug}/api/pay/orders/{id:uuid}"; {slug} is always the project, {…:uuid} a UUID or 404;
                                     in a table that modules share, {module} is the module's name, here and in `op` */
    unsigned roles;               /* of enum ch_role */
    const struct ch_input *body;  /* JSON body; NULL: none, or raw bytes when cap > 0 */
    size_t cap;                   /* bytes of body at most; 0: a body is refused */
    enum ch_tx tx;
    const char *op;               /* name of the operation: audit, logs, OpenAPI's operationId */
    ch_handler *handle;
};

#define CH_KB(n) ((size_t)(n) * 1024)

struct ch_module {
    const char *name;             /* folder, program, socket, database role certhall_<name> */
    const struct ch_route *const *routes; /* tables, ended by NULL, each by a row without method; an operation that several
                                             of them have is the first one's */
    const struct ch_route *served; /* core's business: the rows of all tables */
    const struct ch_stmt *const *const *statements; /* lists, ended by NULL */
    bool sandbox_db;              /* its database is the sandbox's, it has no session */
    bool no_db;                   /* neither database nor keys; every route is CH_TX_NONE */
    bool (*start)(void);          /* once before serving, or NULL; false stops the start */
};

/* main() of a module: `--routes` prints the table, else serves the FastCGI socket on descriptor 0. */
int ch_module_main(const struct ch_module *m, int argc, char **argv);

/* Makes one table of a module's, in the arena: m->served. */
void ch_routes_join(struct ch_arena *a, struct ch_module *m);
/* Says on standard error what is wrong with that table; true when nothing is. */
bool ch_routes_check(const struct ch_module *m) CH_MUST;

#endif
