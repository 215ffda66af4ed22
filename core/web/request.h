/* SPDX-License-Identifier: Apache-2.0
 * A request as a handler sees it. Everything is valid until the request ends. */
#ifndef CH_WEB_REQUEST_H
#define CH_WEB_REQUEST_H

#include "core/crypto/ring.h"
#include "core/json/json.h"
#include "core/web/module.h"

#define CH_STAFF (CH_REVIEWER | CH_FINANCE | CH_PRODUCER | CH_AUDITOR | CH_ADMIN | CH_OUTLET)

struct ch_field_error {
    const char *pointer; /* JSON pointer into the body */
    const char *code;    /* machine word */
    const char *detail;  /* sentence for the person */
    struct ch_field_error *next;
};

struct ch_reply {
    int status; /* 0: nothing written yet */
    const char *mime;
    struct ch_bytes body;
    const char *headers; /* further header lines, each ended by CRLF */
    const char *cache;   /* Cache-Control; NULL: nobody may keep the answer */
};

struct ch_req {
    struct ch_arena *a;
    const struct ch_module *module;
    const struct ch_route *route;
    const char *id;             /* request id, in the log and in every problem document */
    const char *vars[4];        /* values of the path's {names}, in their order */
    const char *slug;           /* of the project, "" when the path names none */
    const char *const *params;  /* FastCGI parameters, "NAME=value" */
    struct ch_bytes raw;        /* body as sent */
    const void *in;             /* the body's struct, filled from route->body */
    const char *token;          /* credential as sent, or NULL */
    struct ch_fault fault;
    struct ch_field_error *errors;
    struct ch_reply reply;
    struct ch_db *db;           /* core's business */
    bool entered;
    const char *who;            /* after the session check: the account's or staff member's id, or NULL */
};

/* Path variable by name; never NULL for a name that stands in the path. */
const char *ch_var(const struct ch_req *r, const char *name);
/* Query argument, decoded; NULL when absent or ill-formed. */
const char *ch_query(struct ch_req *r, const char *name);
/* Query argument as an integer between lo and hi, or `def`. */
int64_t ch_query_int(struct ch_req *r, const char *name, int64_t def, int64_t lo, int64_t hi);
/* A filter of the query as a statement takes it; one that was left empty is none. */
struct ch_param ch_query_filter(struct ch_req *r, const char *name);
/* FastCGI parameter ("HTTP_USER_AGENT", "REMOTE_ADDR"); "" when absent. */
const char *ch_fcgi(const struct ch_req *r, const char *name);

/* Statements in the route's transaction, at most CH_RUN_MOST, all sent at once: rows[i] answers calls[i]. CH_TX_SINGLE allows one such round
 * trip; the session check travels with it, and with each round trip of CH_TX_EACH. */
#define CH_RUN_MOST 8
enum ch_err ch_run_all(struct ch_req *r, const struct ch_call *calls, size_t n, struct ch_rows *rows) CH_MUST;
/* One statement; `rows` may be NULL. */
enum ch_err ch_run(struct ch_req *r, struct ch_call call, struct ch_rows *rows) CH_MUST;
/* The same, for a statement that returns one row with a column "out": its text, and CH_E_NOT_FOUND without a row. */
enum ch_err ch_run_text(struct ch_req *r, struct ch_call call, const char **out) CH_MUST;

/* A statement of its own before the session check: for what is the same for every caller and is kept in the process. */
enum ch_err ch_peek(struct ch_req *r, struct ch_call call, struct ch_rows *rows) CH_MUST;

/* The ring of field keys of this process. */
const struct ch_ring *ch_ring(void);

/* --- what a handler ends with --- */

/* One more wrong field. The request ends with CH_E_INVALID when any was noted. */
void ch_wrong(struct ch_req *r, const char *pointer, const char *code, const char *detail);
/* A refusal with its reason for the log. */
#define ch_fail(r, code, ...) ch_fault(&(r)->fault, (code), __VA_ARGS__)
/* A refusal with a sentence for the person. */
enum ch_err ch_fail_say(struct ch_req *r, enum ch_err code, const char *sentence);

enum ch_err ch_reply_json(struct ch_req *r, int status, const char *json);
enum ch_err ch_reply_empty(struct ch_req *r);                            /* 204 */
enum ch_err ch_reply_redirect(struct ch_req *r, const char *location);   /* 302 */
/* A file: `name` NULL shows it in place, otherwise it is saved under that name. */
enum ch_err ch_reply_file(struct ch_req *r, const char *mime, const char *name, struct ch_bytes body);
/* Bytes of any status and kind. 304 goes without them. */
enum ch_err ch_reply_bytes(struct ch_req *r, int status, const char *mime, struct ch_bytes body);
enum ch_err ch_reply_html(struct ch_req *r, int status, const char *html);
/* One more header line of the answer. */
void ch_header(struct ch_req *r, const char *name, const char *value);
/* For an answer that is the same for everybody: its Cache-Control. */
void ch_cache(struct ch_req *r, const char *control);

/* --- sessions --- */

/* A fresh token and the hash that the database keeps of it. */
const char *ch_session_token(struct ch_req *r, unsigned char hash[CH_SHA256_BYTES]);
/* Hands the token to the browser in the audience's cookie, for `seconds`. */
void ch_session_start(struct ch_req *r, const char *audience, const char *token, int64_t seconds);
void ch_session_end(struct ch_req *r, const char *audience);
/* The CSRF token that belongs to the session of this request, or to the one just started. */
const char *ch_csrf(struct ch_req *r);

#endif
