/* SPDX-License-Identifier: Apache-2.0
 * The handlers of module sandbox that belong to no vendor, and what the vendors' files have in common. */
#ifndef MODULE_SANDBOX_H
#define MODULE_SANDBOX_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "sandbox_sql.h"

#include <string.h>

#define SANDBOX_BODY CH_KB(64) /* the most of a usual request */
#define SANDBOX_PICTURE CH_KB(8 * 1024)

/* The app of a vendor that people pay with. */
struct sandbox_app {
    const char *kind;                  /* "wechatpay" */
    const char *prefix;                /* the beginning of its QR codes */
    bool (*is_code)(const char *text); /* whether the text may follow it; no two vendors have the same codes */
    enum ch_err (*show)(struct ch_req *r, const char *code);
    enum ch_err (*pay)(struct ch_req *r, const char *code);
};

/* What the vendors bring along (modules/sandbox/vendor.tbl). */
#define SANDBOX_ROUTES(table) extern const struct ch_route table[];
#define SANDBOX_STATEMENTS(list) extern const struct ch_stmt *const list[];
#define SANDBOX_APP(app) extern const struct sandbox_app app;
#include "modules/sandbox/vendor_all.tbl"

/* phone.c: the newcomer's phone */
extern const struct ch_input sandbox_scan_body;
ch_handler sandbox_scan, sandbox_cashier, sandbox_cashier_pay;
/* switches.c: the switches that make vendors misbehave */
extern const struct ch_input sandbox_switches_body;
ch_handler sandbox_switches, sandbox_switches_set;
/* person.c: made-up people and units */
ch_handler sandbox_person;
/* papers/papers.c: their papers */
ch_handler sandbox_paper, sandbox_paper_scan;

/* True when the request was sent to that vendor's address ("127.0.0.11"). */
bool sandbox_host(const struct ch_req *r, const char *address);
/* *on is true when a switch is on. A switch that is on for one call is off afterwards. */
enum ch_err sandbox_switched(struct ch_req *r, const char *key, bool *on) CH_MUST;
/* Answers with any status and body, in the vendor's name. `body` is a NUL-terminated text. */
enum ch_err sandbox_answer(struct ch_req *r, int status, const char *mime, const char *body);
/* Gives no answer at all: nginx closes the connection (nginx/vendor.conf.in). */
enum ch_err sandbox_silence(struct ch_req *r);

/* An address with more in its query: behind the query that it has, and before its fragment. */
char *sandbox_url_with(struct ch_arena *a, const char *url, const char *query);

/* The text of a member, or "". */
static inline const char *sandbox_text(const struct ch_json *obj, const char *key)
{
    const char *s = ch_json_text(obj, key);
    return s != NULL ? s : "";
}

/* True when `s` is that text; false for NULL. */
static inline bool sandbox_is(const char *s, const char *wanted)
{
    return s != NULL && strcmp(s, wanted) == 0;
}

#endif
