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

/* Makes one part of a reply in r->a, which is emptied before the next part; *more is false with the last one. */
typedef enum ch_err ch_part(struct ch_req *r, void *state, struct ch_bytes *part, bool *more);

struct ch_reply {
    int status; /* 0: nothing written yet */
    const char *mime;
    struct ch_bytes body;
    const char *headers; /* further header lines, each ending with CRLF */
    const char *cache;   /* Cache-Control; NULL: no-store */
    bool more;           /* for core only: `body` is a part, and `part` makes the next one */
    ch_part *part;
    void *state;
};

#define CH_QUERY_MOST 16 /* query arguments of one route */

struct ch_req {
    struct ch_arena *a;
    const struct ch_module *module;
    const struct ch_route *route;
    const char *id;            /* id of the request in the log and in problem documents */
    const char *vars[4];       /* values of the path's {names}, in their order */
    const char *slug;          /* of the project; "" when the path has none */
    const char *const *params; /* FastCGI parameters, "NAME=value" */
    struct ch_bytes raw;       /* the body as sent */
    const void *in;            /* the body's struct, filled from route->body */
    const char *token;         /* the credential as sent, or NULL */
    struct ch_fault fault;
    struct ch_field_error *errors;
    struct ch_reply reply;
    struct ch_db *db;                  /* for core only: the connection of a CH_TX_SEVERAL request */
    bool entered;                      /* for core only: the session was checked */
    const char *looked[CH_QUERY_MOST]; /* for core only: the query arguments that the handler has looked for */
    const char *who;                   /* after the session check: id of the account or staff member, or NULL */
};

/* A variable of the path by name; never NULL for a name in the path. */
const char *ch_var(const struct ch_req *r, const char *name);
/* A query argument, decoded; NULL when absent or malformed. `name` must outlive the request. A desk's or partner's GET is refused when
 * the query has an argument that its handler has not looked for: a filter that nobody knows would give more than was asked for. */
const char *ch_query(struct ch_req *r, const char *name);
/* A query argument as an integer from lo to hi; `def` when it is absent or not such a number. */
int64_t ch_query_int(struct ch_req *r, const char *name, int64_t def, int64_t lo, int64_t hi);
/* A query argument as a parameter of a statement; NULL when absent or empty. */
struct ch_param ch_query_filter(struct ch_req *r, const char *name);
/* A FastCGI parameter ("HTTP_USER_AGENT", "REMOTE_ADDR"); "" when absent. */
const char *ch_fcgi(const struct ch_req *r, const char *name);

/* Runs up to CH_RUN_MOST statements in one round trip of the route's transaction; rows[i] is the answer to calls[i]. A
 * CH_TX_SINGLE route has one such round trip, which includes the session check; so does each round trip of a CH_TX_EACH route. */
#define CH_RUN_MOST 9
enum ch_err ch_run_all(struct ch_req *r, const struct ch_call *calls, size_t n, struct ch_rows *rows) CH_MUST;
/* Runs one statement; `rows` may be NULL. */
enum ch_err ch_run(struct ch_req *r, struct ch_call call, struct ch_rows *rows) CH_MUST;
/* Runs a statement that returns one row with a column "out" and gives its text. CH_E_NOT_FOUND without a row. */
enum ch_err ch_run_text(struct ch_req *r, struct ch_call call, const char **out) CH_MUST;
/* The same for a column "out" that is a JSON document; CH_E_INTERNAL when it is none. */
enum ch_err ch_run_json(struct ch_req *r, struct ch_call call, struct ch_json **out) CH_MUST;

/* CH_E_NOT_FOUND when the answer has no row. A handler calls it, or looks at rows.n, before it reads a column. */
enum ch_err ch_need_row(struct ch_req *r, const struct ch_rows *rows) CH_MUST;
/* ch_run and ch_need_row. */
enum ch_err ch_run_row(struct ch_req *r, struct ch_call call, struct ch_rows *rows) CH_MUST;

/* The text of the column "out" of the answer's only row. CH_E_NOT_FOUND without it, or when it is SQL NULL. */
enum ch_err ch_col_out(struct ch_req *r, const struct ch_rows *rows, const char **out) CH_MUST;
/* A column of the answer, as JSON. CH_E_NOT_FOUND when the row is not there; CH_E_INTERNAL when the column is SQL NULL or no JSON. */
enum ch_err ch_col_json(struct ch_req *r, const struct ch_rows *rows, int row, const char *name, struct ch_json **out) CH_MUST;

/* Runs a statement by itself, before the session check: for data that are the same for every caller. */
enum ch_err ch_peek(struct ch_req *r, struct ch_call call, struct ch_rows *rows) CH_MUST;

/* The process's key ring. */
const struct ch_ring *ch_ring(void);
/* The text of an encrypted column (core/crypto/ring.h: its place, and the id of the row); NULL when the column is empty.
 * CH_E_INTERNAL when it does not open. */
enum ch_err ch_decrypt_text(struct ch_req *r, const char *place, const char *row, struct ch_bytes encrypted,
                            const char **out) CH_MUST;

/* --- errors and replies --- */

/* Notes a wrong field. The request ends with CH_E_INVALID when any was noted. */
void ch_wrong(struct ch_req *r, const char *pointer, const char *code, const char *detail);
/* Refuses the request, with the reason for the log. */
#define ch_fail(r, code, ...) ch_fault(&(r)->fault, (code), __VA_ARGS__)
/* Refuses the request, with a sentence for the person. */
enum ch_err ch_fail_say(struct ch_req *r, enum ch_err code, const char *sentence);

/* Each sets the reply and returns CH_OK, where nothing else is said. Bodies and headers are not copied. */
enum ch_err ch_reply_json(struct ch_req *r, int status, const char *json);
/* Replies with what ch_col_out gives. */
enum ch_err ch_reply_out(struct ch_req *r, int status, const struct ch_rows *rows);
enum ch_err ch_reply_empty(struct ch_req *r);                          /* 204 */
enum ch_err ch_reply_redirect(struct ch_req *r, const char *location); /* 302 */
/* A file, which the browser saves under `name`, or displays when `name` is NULL. */
enum ch_err ch_reply_file(struct ch_req *r, const char *mime, const char *name, struct ch_bytes body);
/* A file that is made in parts while it is sent, so that it can have any size. The first part is made at once, where an error is
 * answered as usual. The others follow when the handler has returned and the part before is sent, so nothing is held while the
 * client reads slowly: the route is CH_TX_EACH, each part is a transaction of its own with its session check, and only `state`
 * stays, which belongs to the request. If a part fails, the connection is broken, so that nobody takes what has come for the whole
 * file. Refused with CH_E_TOO_MANY if the process sends CH_PARTS_PLACES such files already. */
#define CH_PARTS_PLACES 4
enum ch_err ch_reply_parts(struct ch_req *r, const char *mime, const char *name, ch_part *part, void *state) CH_MUST;
/* Bytes with any status and type. A 304 is sent without them. */
enum ch_err ch_reply_bytes(struct ch_req *r, int status, const char *mime, struct ch_bytes body);
enum ch_err ch_reply_html(struct ch_req *r, int status, const char *html);
/* A link to a page of this project, with the token that it opens it with; the answer tells when it expires. The token follows the
 * '#': a browser sends that part to no server, so it is in no log. */
enum ch_err ch_reply_link(struct ch_req *r, const char *page, const char *token, const char *expires_at);
/* Adds a header line to the reply. */
void ch_header(struct ch_req *r, const char *name, const char *value);
/* Marks the reply with an entity tag (RFC 9110, 8.8.3), given without its quotes. True: the client has this one already, and is to be
 * answered 304. */
bool ch_tag_known(struct ch_req *r, const char *tag);
/* Sets Cache-Control, for a reply that is the same for everybody. */
void ch_cache(struct ch_req *r, const char *control);

/* Takes one of the process's places for requests that have a password hashed (setting password_queue), until the request ends.
 * Without a free place the request is refused at once, with CH_E_TOO_MANY, so that a flood of log-ins occupies no thread that
 * others need. It comes before a try is counted and before core/crypto/password.h. */
enum ch_err ch_password_place(struct ch_req *r) CH_MUST;
/* The proof of a password (core/crypto/password.h) as a statement's parameter. `tried` is the row of a statement that has counted
 * the try: `salt`, and whether the password `may` let anybody in. NULL when it may not; the proof is computed nevertheless, so
 * that the time taken does not tell. */
struct ch_param ch_password_param(struct ch_req *r, const struct ch_rows *tried, const char *password);

/* --- sessions --- */

/* A new token, and its hash for the database, which never stores the token. */
const char *ch_session_token(struct ch_req *r, unsigned char hash[CH_SHA256_BYTES]);
/* Sets the audience's cookie to the token, for that many seconds. */
void ch_session_start(struct ch_req *r, const char *audience, const char *token, int64_t seconds);
/* Deletes the audience's cookie, and what the browser has cached. */
void ch_session_end(struct ch_req *r, const char *audience);
/* The CSRF token of the session that this request has, or has just started; NULL without one. */
const char *ch_csrf(struct ch_req *r);
/* A mark under the key of CSRF tokens, by which a program knows a text again that it has handed out for this purpose, a word. */
void ch_session_mac(struct ch_arena *a, const char *purpose, const char *text, unsigned char out[CH_SHA256_BYTES]);

#endif
