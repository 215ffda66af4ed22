/* SPDX-License-Identifier: Apache-2.0
 * A module is tables of routes and lists of statements; core does the rest.
 *
 * For every request core matches the route, reads the credential, checks CSRF and the size of the body, reads and parses the
 * body, calls the handler, sends the answer and resets the arena, in this order. Session and role are checked in the
 * transaction of the handler's statements (enum ch_tx). When the request is refused before them, session and role are still
 * checked, and a caller who may not ask is told only that. A handler checks no role, frees nothing, logs no error and opens no
 * transaction. */
#ifndef CH_WEB_MODULE_H
#define CH_WEB_MODULE_H

#include "core/base/error.h"
#include "core/base/harden.h"
#include "core/crypto/ring.h"
#include "core/db/db.h"

struct ch_req;
struct ch_input;

/* The roles of callers. A route names one or several; a module with a route that names none does not start. */
enum ch_role {
#define CH_ROLE(sym, bit, word, audience) sym = 1u << (bit),
#include "core/web/roles.tbl"
#undef CH_ROLE
};

/* How a route uses the database. */
enum ch_tx {
    CH_TX_UNSET,
    CH_TX_NONE,   /* no transaction, at most statements by ch_peek; only for routes whose roles need no session */
    CH_TX_SINGLE, /* one transaction of one round trip: the session check and the route's statements */
    CH_TX_EACH, /* each round trip is a transaction of its own with its session check; for routes that call a vendor in between,
                   or reply in parts */
    CH_TX_SEVERAL, /* one transaction of several round trips: BEGIN, session check, the handler's statements, COMMIT */
};

typedef enum ch_err ch_handler(struct ch_req *r);

/* The handler of a route that only runs the statement with the operation's name ("produce.ship": produce_ship). The parameters
 * are the variables of the path, without the project, and then the fields of the body, in their order; absent texts are NULL.
 * The reply is the statement's column `out`, or 404 without a row; a statement without such a column gets an empty reply. */
ch_handler ch_statement;

struct ch_route {
    const char *method;
    const char *path; /* "/{slug}/api/pay/orders/{id:uuid}"; {slug} is always the project, {…:uuid} a UUID or 404;
                                     in a table that modules share, {module} is the module's name, here and in `op` */
    unsigned roles;   /* of enum ch_role */
    const struct ch_input *body; /* the JSON body; NULL: no body, or raw bytes when cap > 0 */
    size_t cap;                  /* most bytes of the body; 0: a body is refused */
    enum ch_tx tx;
    const char *op; /* name of the operation in audit trail and log; the operationId in OpenAPI */
    ch_handler *handle;
};

#define CH_KB(n) ((size_t)(n)*1024)

struct ch_module {
    const char *name;                     /* folder, program, socket, database role certhall_<name> */
    const struct ch_route *const *routes; /* tables, ended by NULL, each by a row without method; of several rows with one
                                             operation in different tables the first counts */
    const struct ch_route *served;        /* set by core: the rows of all tables */
    const struct ch_stmt *const *const *statements; /* lists, ended by NULL */
    unsigned keys;                                  /* the folders of keys that it reads, CH_KEYS_… */
    bool sandbox_db;                                /* it uses the sandbox's database and has no sessions */
    bool no_db;                                     /* it uses neither database nor keys; every route is CH_TX_NONE */
    unsigned needs; /* of enum ch_needs, beyond what every module needs (CH_NEEDS_DAEMON); a library that starts programs or
                       calls vendors fails without */
    bool store;     /* it reads or writes papers in the store, which is in the network if it is a bucket */
    bool vendors;        /* it reads or writes the state of the calls to vendors, which all that call one share */
    bool (*start)(void); /* called once before serving, or NULL; on false the module does not start */
};

/* main() of a module. `--routes` prints the routes, `--statements` the statements, `--groups` the groups that its system user
 * belongs to (docs/security.md); otherwise it serves the FastCGI socket on descriptor 0. Returns the exit status. */
int ch_module_main(const struct ch_module *m, int argc, char **argv);

/* Joins the module's tables of routes to m->served, in the arena. */
void ch_routes_join(struct ch_arena *a, struct ch_module *m);
/* Checks m->served; prints what is wrong to standard error and returns false. */
bool ch_routes_check(const struct ch_module *m) CH_MUST;

#endif
