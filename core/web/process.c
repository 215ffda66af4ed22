/* SPDX-License-Identifier: Apache-2.0
 * Handles a request in the same steps for every route: match, credential, CSRF, size, parsing, transaction with session and role,
 * handler, reply. */
#include "core/web/private.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/log.h"
#include "core/web/input.h"

#include <stdlib.h>
#include <string.h>

static enum ch_err find_route(struct ch_req *r)
{
    const char *uri = ch_fcgi(r, "DOCUMENT_URI"), *allow;

    r->route = ch__match(r, ch_fcgi(r, "REQUEST_METHOD"), uri, &allow);
    if (r->route != NULL) {
        r->slug = strncmp(r->route->path, "/{slug}/", 8) == 0 ? r->vars[0] : "";
        return CH_OK;
    }
    if (allow == NULL)
        return ch_fail(r, CH_E_NOT_FOUND, "no route");
    ch_header(r, "Allow", allow);
    return ch_fail(r, CH_E_METHOD, "allowed: %s", allow);
}

/* The announced length of the body, checked against the route. */
static enum ch_err check_body_length(struct ch_req *r, size_t *out)
{
    const char *s = ch_fcgi(r, "CONTENT_LENGTH");
    char *end;
    unsigned long n = *s != '\0' ? strtoul(s, &end, 10) : 0;

    *out = n;
    if (n > r->route->cap)
        return ch_fail(r, CH_E_TOO_LARGE, "%lu bytes where %zu are allowed", n, r->route->cap);
    if (n > 0 && r->route->body != NULL && strncmp(ch_fcgi(r, "CONTENT_TYPE"), "application/json", 16) != 0)
        return ch_fail(r, CH_E_MEDIA_TYPE, "not application/json");
    return CH_OK;
}

static enum ch_err read_body(struct ch_req *r, FCGX_Stream *in, size_t length)
{
    char *p = ch_alloc(r->a, length + 1);
    size_t n = 0;

    while (n < length) {
        int k = FCGX_GetStr(p + n, (int)(length - n), in);
        if (k <= 0)
            return ch_fail(r, CH_E_MALFORMED, "body ends after %zu of %zu bytes", n, length);
        n += (size_t)k;
    }
    r->raw = CH_BYTES(p, n);
    return CH_OK;
}

/* Opens the transaction of a CH_TX_SEVERAL request, which keeps its connection until the end. Other requests borrow a
 * connection for each round trip, so that slow work in between (a password hash, a vendor's answer) does not block the pool. */
static enum ch_err begin_transaction(struct ch_req *r)
{
    if (r->route->tx != CH_TX_SEVERAL)
        return CH_OK;
    r->db = ch__pool_take();
    enum ch_err e = ch_db_begin(r->db, &r->fault);
    if (e != CH_OK || r->module->sandbox_db)
        return e;
    struct ch_rows rows;
    e = ch_db_one(r->db, r->a, &r->fault, ch__enter_call(r), &rows);
    if (e == CH_OK)
        ch__entered(r, &rows);
    return e;
}

/* Checks the session of a request that was refused before its statements. If the caller may not ask at all, that is the answer: what
 * is wrong with the request is told only to those who may. A good request needs no round trip for this. */
static enum ch_err check_session_late(struct ch_req *r, enum ch_err e)
{
    if (r->route->tx == CH_TX_NONE || r->module->sandbox_db) /* these have no sessions */
        return e;
    struct ch_fault own = {0};
    struct ch_rows rows;
    struct ch_call enter = ch__enter_call(r);

    enum ch_err refused = ch__borrow_and_run(r, &own, &enter, 1, &rows);
    if (refused == CH_OK)
        return e;
    r->fault = own;
    r->errors = NULL;
    return refused;
}

/* Commits or rolls back, and returns the connection to the pool. */
static enum ch_err end_transaction(struct ch_req *r, enum ch_err e)
{
    bool checked_with_statement = r->route->tx == CH_TX_SINGLE || r->route->tx == CH_TX_EACH;
    /* Who is told to come again is told so at once, whoever it is. */
    if (checked_with_statement && !r->entered && e != CH_E_TOO_MANY)
        return check_session_late(r, e);
    if (r->db == NULL)
        return e;
    if (e == CH_OK)
        e = ch_db_commit(r->db, &r->fault);
    else
        ch_db_rollback(r->db);
    ch__pool_give(r->db);
    r->db = NULL;
    return e;
}

/* Staff's and partners' lists and tables. The address of an applicant's page may have what a browser or a platform has added. */
static bool strict_query(const struct ch_route *route)
{
    return strcmp(route->method, "GET") == 0 &&
           (strncmp(route->path, "/desk/", 6) == 0 || strncmp(route->path, "/partner/", 9) == 0);
}

static enum ch_err run_handler(struct ch_req *r)
{
    ch__follow_keys(r->module);
    enum ch_err e = begin_transaction(r); /* before the body is read: role first */

    if (e == CH_OK && r->route->body != NULL)
        e = ch_input_parse(r, r->route->body);
    if (e == CH_OK)
        e = ch__vars_fit(r);
    if (e == CH_OK)
        e = r->route->handle(r);
    if (e == CH_OK && r->errors != NULL)
        e = ch_fail(r, CH_E_INVALID, "fields");
    if (e == CH_OK && strict_query(r->route))
        e = ch__query_known(r);
    if (e == CH_OK && r->reply.status == 0)
        e = ch_fail(r, CH_E_INTERNAL, "the handler set no reply");
    return end_transaction(r, e);
}

static enum ch_err handle_request(struct ch_req *r, FCGX_Stream *in)
{
    size_t length = 0;
    enum ch_err e = find_route(r);

    if (e == CH_OK)
        e = ch__credential(r);
    if (e != CH_OK)
        return e;
    e = check_body_length(r, &length);
    if (e == CH_OK)
        e = read_body(r, in, length);
    return e == CH_OK ? run_handler(r) : check_session_late(r, e);
}

void ch__process(struct ch_req *r, FCGX_Stream *in)
{
    int64_t started = ch_tick_ms();
    enum ch_err e = handle_request(r, in);

    if (e != CH_OK)
        ch__problem(r, e);
    ch_log(CH_DEBUG, r->id, "%s %d in %lld ms", r->route != NULL ? r->route->op : "-", r->reply.status,
           (long long)(ch_tick_ms() - started));
}
