/* SPDX-License-Identifier: Apache-2.0
 * An order as its agent sees it: the encrypted form and the JSON document. The database decides what may happen to an order. */
#ifndef CH_ORDER_ORDER_H
#define CH_ORDER_ORDER_H

#include "core/form/form.h"
#include "core/web/input.h"

/* The place (core/crypto/ring.h) of encrypted forms; the row is the order. */
#define CH_ORDER_FORM "order.form"

/* A new order number: the milliseconds since 1970 in 13 digits, and 5 random digits. Numbers sort by time; knowing one gives no
 * access. */
char *ch_order_number(struct ch_arena *a);

/* Decrypts and parses the form of the order `id`. `encrypted` with p NULL is an empty form. */
enum ch_err ch_order_form(struct ch_req *r, const char *id, struct ch_bytes encrypted, struct ch_json **form) CH_MUST;

/* The statements that the document of an order is made from. They are run in one round trip, after the calls that change the
 * order. Each sees the database as it is when it runs, so the order of the statements matters while somebody else changes the
 * order: what a line of the history tells is in the row, and a page with newer papers than its row is refused for the row's
 * version. */
enum { CH_ORDER_LINES, CH_ORDER_ROW, CH_ORDER_PAPERS, CH_ORDER_ANSWERS };
void ch_order_ask(struct ch_req *r, const char *id, struct ch_call calls[CH_ORDER_ANSWERS]);

/* Replies with the document of these answers, including the decrypted form. CH_E_NOT_FOUND when the order is not the caller's. */
enum ch_err ch_order_reply(struct ch_req *r, int status, const char *id,
                           const struct ch_rows answers[CH_ORDER_ANSWERS]) CH_MUST;

/* Runs `n` calls (at most CH_ORDER_BEFORE) and replies with the order as it is afterwards, in one round trip and transaction. */
#define CH_ORDER_BEFORE 3
enum ch_err ch_order_after(struct ch_req *r, int status, const char *id, const struct ch_call *calls, size_t n) CH_MUST;

/* The document without the form, and the form, as trees. CH_E_NOT_FOUND as above. */
enum ch_err ch_order_read(struct ch_req *r, const char *id, const struct ch_rows answers[CH_ORDER_ANSWERS],
                          struct ch_json **order, struct ch_json **form) CH_MUST;

/* The document of these answers without the form. The members of `more`, which may be NULL, follow; they are taken from the answers
 * behind the CH_ORDER_ANSWERS. */
struct ch_out;
enum ch_err ch_order_document(struct ch_req *r, const struct ch_rows *answers, const struct ch_out *more,
                              const char **json) CH_MUST;

/* The decrypted form of the caller's own order. *locked has the fields that may not be changed; NULL: none. A module that uses this
 * lists flow_statements. */
enum ch_err ch_order_own_form(struct ch_req *r, const char *id, struct ch_json **form, struct ch_json **locked) CH_MUST;

/* A body with nothing but the order's version that the page shows. */
struct ch_version_in {
    int64_t version;
};
extern const struct ch_input ch_version_body;

/* Handles an event with that body: runs `event`, which takes id and version, and replies with the order as it is afterwards. */
enum ch_err ch_order_event(struct ch_req *r, const struct ch_stmt *event) CH_MUST;

/* The names of the codes in a form (regions, opening branch) for ch_form_walk; an unknown code has null. */
enum ch_err ch_order_code_names(struct ch_req *r, const struct ch_json *form, const struct ch_json **names) CH_MUST;

/* The codes in a form as JSON text, by the JSON pointers of their fields, for hall.codes_known. */
char *ch_order_codes(struct ch_arena *a, const struct ch_json *form);

#endif
