/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of core/web. */
#ifndef CH_WEB_PRIVATE_H
#define CH_WEB_PRIVATE_H

#include "core/web/request.h"

#include <fcgiapp.h>

/* The route for method and path, or NULL; *allow then lists the methods that the path has, or is NULL. */
const struct ch_route *ch__match(struct ch_req *r, const char *method, const char *path, const char **allow);

/* CH_E_NOT_FOUND when a variable of the path does not match its pattern. */
enum ch_err ch__vars_fit(struct ch_req *r) CH_MUST;
/* CH_E_INVALID when the query has an argument that nobody has looked for (request.c). */
enum ch_err ch__query_known(struct ch_req *r) CH_MUST;

/* What is wrong with a route whose handler is ch_statement, or NULL. */
const char *ch__statement_wrong(const struct ch_module *m, const struct ch_route *row);

/* Prints a line for each route; returns the exit status. */
int ch__print_routes(const struct ch_module *m);
/* The audience of the session that the roles need; "" for none. */
const char *ch__audience(unsigned mask);
/* The roles as a PostgreSQL array of words. */
const char *ch__roles_array(struct ch_arena *a, unsigned mask);

/* The pool of connections to PostgreSQL. A connection serves one request at a time. */
bool ch__pool_open(const struct ch_module *m) CH_MUST;
struct ch_db *ch__pool_take(void);
void ch__pool_give(struct ch_db *db);
/* Runs the calls in one round trip on a connection of the pool. */
enum ch_err ch__borrow_and_run(struct ch_req *r, struct ch_fault *f, const struct ch_call *calls, size_t n,
                               struct ch_rows *rows) CH_MUST;

/* Reads the credential and checks CSRF: everything about the caller that needs no database. */
enum ch_err ch__credential(struct ch_req *r) CH_MUST;
/* Reads the key of the CSRF tokens; false after logging why. */
bool ch__session_keys(void) CH_MUST;

/* Refreshes the data keys when it is time; called before each request. */
void ch__follow_keys(const struct ch_module *m);

/* The call that checks the session: hall.enter. */
struct ch_call ch__enter_call(struct ch_req *r);
/* Notes the answer of that call in the request. */
void ch__entered(struct ch_req *r, const struct ch_rows *rows);

/* Handles a request from its parameters to the answer in r->reply. */
void ch__process(struct ch_req *r, FCGX_Stream *in);

/* Makes the reply for an error: a problem document from r->fault. */
void ch__problem(struct ch_req *r, enum ch_err e);

/* How many requests may have a password hashed at a time; so many threads are added to those of the setting `threads`. */
int64_t ch__password_places(void);

/* Makes the next part of a reply that has more (r->reply.more) in r->reply.body. */
enum ch_err ch__next_part(struct ch_req *r) CH_MUST;

/* Serves descriptor 0 until SIGTERM; returns the exit status. */
int ch__serve(const struct ch_module *m);

#endif
