/* SPDX-License-Identifier: Apache-2.0
 * An order in the hands of a handler: its sealed form and its JSON. What may happen to it is decided in the database. */
#ifndef CH_HALL_ORDER_H
#define CH_HALL_ORDER_H

#include "core/hall/form.h"
#include "core/web/input.h"

/* The place under which forms are sealed (core/crypto/seal.h). */
#define CH_ORDER_FORM "order.form"

/* An order's number: 13 digits of milliseconds, 5 random ones. Sorts by time and grants nothing. */
char *ch_order_number(struct ch_arena *a);

/* Opens a sealed form; an order without one has an empty form. */
enum ch_err ch_order_form(struct ch_req *r, const char *id, struct ch_bytes sealed, struct ch_json **form) CH_MUST;

/* Reads a row of hall_order_view: CH_E_NOT_FOUND when the order is not the caller's. */
enum ch_err ch_order_read(struct ch_req *r, const char *id, const struct ch_rows *rows, struct ch_json **order,
                          struct ch_json **form) CH_MUST;

/* Answers with the order of a row of hall_order_view, its form opened. */
enum ch_err ch_order_reply(struct ch_req *r, int status, const char *id, const struct ch_rows *rows) CH_MUST;

/* A body that holds nothing but the order's version as the page knows it. */
struct ch_version_in {
    int64_t version;
};
extern const struct ch_input ch_version_body;

/* An event that needs nothing but that: `event` takes id and version, the order as it then stands is the answer. */
enum ch_err ch_order_event(struct ch_req *r, const struct ch_stmt *event) CH_MUST;

/* How a statement is sent: ch_run within the route's transaction, ch_peek before it. */
typedef enum ch_err ch_ask(struct ch_req *r, struct ch_call call, struct ch_rows *rows);

/* Names of the codes in a form (regions, branch), for ch_form_walk; a code that stands for nothing has null. */
enum ch_err ch_order_code_names(struct ch_req *r, ch_ask *ask, const struct ch_json *form, const struct ch_json **names) CH_MUST;

/* Notes every code of a form that stands for nothing as a wrong field. */
enum ch_err ch_order_codes_known(struct ch_req *r, const struct ch_json *form) CH_MUST;

#endif
