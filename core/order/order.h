/* SPDX-License-Identifier: Apache-2.0
 * An order in the hands of an agent: its encrypted form and its JSON. What may happen to it is decided in the database. */
#ifndef CH_ORDER_ORDER_H
#define CH_ORDER_ORDER_H

#include "core/form/form.h"
#include "core/web/input.h"

/* The place under which forms are encrypted (core/crypto/ring.h). */
#define CH_ORDER_FORM "order.form"

/* An order's number: 13 digits of milliseconds, 5 random ones. Sorts by time and grants nothing. */
char *ch_order_number(struct ch_arena *a);

/* Opens an encrypted form; an order without one has an empty form. */
enum ch_err ch_order_form(struct ch_req *r, const char *id, struct ch_bytes encrypted, struct ch_json **form) CH_MUST;

/* The page of the caller's own order is made of so many answers, which travel in one round trip behind whatever has changed it. */
#define CH_ORDER_ANSWERS 4
void ch_order_ask(struct ch_req *r, const char *id, struct ch_call calls[CH_ORDER_ANSWERS]);

/* Answers with the order that these answers tell of, its form opened: CH_E_NOT_FOUND when it is not the caller's. */
enum ch_err ch_order_reply(struct ch_req *r, int status, const char *id, const struct ch_rows answers[CH_ORDER_ANSWERS]) CH_MUST;

/* `calls` (n, at most CH_ORDER_BEFORE), and then the order as it stands after them, all in one round trip and transaction. */
#define CH_ORDER_BEFORE 3
enum ch_err ch_order_after(struct ch_req *r, int status, const char *id, const struct ch_call *calls, size_t n) CH_MUST;

/* The same document as a tree, for a page that is about it. */
enum ch_err ch_order_read(struct ch_req *r, const char *id, const struct ch_rows answers[CH_ORDER_ANSWERS], struct ch_json **order,
                          struct ch_json **form) CH_MUST;

/* The document of an order whose rows are read through other views with the same columns (a member of staff's): the members that
 * `more` names come behind, from answers behind the CH_ORDER_ANSWERS. */
struct ch_out;
enum ch_err ch_order_document(struct ch_req *r, const struct ch_rows *answers, const struct ch_out *more, const char **json) CH_MUST;

/* The encrypted form of the caller's own order, opened; *locked names the fields that may not be changed, or is NULL. */
enum ch_err ch_order_own_form(struct ch_req *r, const char *id, struct ch_json **form, struct ch_json **locked) CH_MUST;

/* A body that holds nothing but the order's version as the page knows it. */
struct ch_version_in {
    int64_t version;
};
extern const struct ch_input ch_version_body;

/* An event that needs nothing but that: `event` takes id and version, the order as it then stands is the answer. */
enum ch_err ch_order_event(struct ch_req *r, const struct ch_stmt *event) CH_MUST;

/* Names of the codes in a form (regions, branch), for ch_form_walk; a code that stands for nothing has null. */
enum ch_err ch_order_code_names(struct ch_req *r, const struct ch_json *form, const struct ch_json **names) CH_MUST;

/* The codes of a form by their fields' pointers, as JSON text: what hall.codes_known asks for. */
char *ch_order_codes(struct ch_arena *a, const struct ch_json *form);

#endif
