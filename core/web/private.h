/* SPDX-License-Identifier: Apache-2.0
 * What the files of core/web share among themselves. */
#ifndef CH_WEB_PRIVATE_H
#define CH_WEB_PRIVATE_H

#include "core/web/request.h"

#include <fcgiapp.h>

/* The row that fits method and path, or NULL; *allow lists the methods when only the method did not fit. */
const struct ch_route *ch__match(struct ch_req *r, const char *method, const char *path, const char **allow);

/* CH_E_NOT_FOUND when a variable is not what its pattern says. */
enum ch_err ch__vars_fit(struct ch_req *r) CH_MUST;

/* What is wrong with a row whose handler is ch_statement, or NULL. */
const char *ch__statement_wrong(const struct ch_module *m, const struct ch_route *row);

int ch__print_routes(const struct ch_module *m);
/* The audience whose session the roles need; "" for none. */
const char *ch__audience(unsigned mask);
/* The roles as a PostgreSQL array of words. */
const char *ch__roles_array(struct ch_arena *a, unsigned mask);

/* Connections to PostgreSQL, lent to one request at a time. */
bool ch__pool_open(const struct ch_module *m) CH_MUST;
struct ch_db *ch__pool_take(void);
void ch__pool_give(struct ch_db *db);
/* One round trip on a borrowed connection. */
enum ch_err ch__borrow_and_run(struct ch_req *r, struct ch_fault *f, const struct ch_call *calls, size_t n,
                               struct ch_rows *rows) CH_MUST;

/* Reads credential and checks CSRF: everything about the caller that needs no database. */
enum ch_err ch__credential(struct ch_req *r) CH_MUST;
/* Keys that sessions are made with, derived from the ring. */
void ch__session_keys(void);

/* Field keys that have come or gone since: before each request. */
void ch__follow_keys(void);

/* The session check of a request as a call: hall.enter. */
struct ch_call ch__enter_call(struct ch_req *r);
/* Takes the session check's answer. */
void ch__entered(struct ch_req *r, const struct ch_rows *rows);

/* One request from its parameters to its answer in r->reply. */
void ch__process(struct ch_req *r, FCGX_Stream *in);

/* Turns r->fault into the problem document. */
void ch__problem(struct ch_req *r, enum ch_err e);

/* Serves descriptor 0 until SIGTERM. */
int ch__serve(const struct ch_module *m);

#endif
