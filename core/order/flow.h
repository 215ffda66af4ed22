/* SPDX-License-Identifier: Apache-2.0
 * The way of an application that all kinds of business share: set-up, draft, form, print, submission. A kind of business is a
 * module of that name and rows (docs/developers.md); its table of routes begins with CH_FLOW_ROUTES, what it has of its own
 * follows. An order answers to the module of its own business alone (hall.my_order). */
#ifndef CH_ORDER_FLOW_H
#define CH_ORDER_FLOW_H

#include "core/order/order.h"
#include "core/paper/pdf.h"
#include "core/web/module.h"

struct ch_flow_agreement_in {
    const char *code, *version;
};
struct ch_flow_create_in {
    struct ch_list agreements; /* of struct ch_flow_agreement_in */
    enum ch_maybe seal_wanted; /* unsaid: the project's default */
    const char *ticket;        /* the browser's token of what a partner has sent ahead (core/order/ticket.h), or NULL */
};
struct ch_flow_save_in {
    int64_t version;            /* of the order as the page knows it */
    bool complete;              /* every rule is checked; otherwise a draft is kept */
    const struct ch_json *form; /* checked by core/form/form */
};
extern const struct ch_input ch_flow_create_body, ch_flow_save_body;

ch_handler ch_flow_setup, ch_flow_create;                     /* flow_order.c */
ch_handler ch_flow_save;                                      /* flow_form.c */
ch_handler ch_flow_print;                                     /* flow_print.c */
ch_handler ch_flow_submit, ch_flow_edit, ch_flow_resubmit;    /* flow_submit.c */

/* Their statements are flow_statements and form_statements (flow_sql.h, form_sql.h): a flow's module names both beside its
 * own, and its database role is given their functions by hall.flow_grant. */

/* What a paper of the caller's order is drawn from. `printed` (takes the id) puts the printing on record, or only asks whether
 * there is anything to print. The route is CH_TX_EACH: nothing is held while the
 * paper is drawn, and one that could not be drawn counts as printed all the same. */
struct ch_flow_source {
    struct ch_form_spec spec;
    struct ch_json *order, *form;
    const struct ch_json *names; /* of the codes in the form */
};
enum ch_err ch_flow_source(struct ch_req *r, const struct ch_stmt *printed, struct ch_flow_source *out) CH_MUST;
/* A paper with the rows of the form whose names begin with `prefix` ("": all), to be signed by the handler and stamped; title,
 * code, foot and declaration are the caller's to fill in. */
struct ch_pdf_paper ch_flow_paper(struct ch_req *r, const struct ch_flow_source *s, const char *prefix);
/* Draws it and answers with it. */
enum ch_err ch_flow_draw(struct ch_req *r, const struct ch_pdf_paper *paper) CH_MUST;

/* The agreements ticked, as hall.order_create compares them with the project's. */
const char *ch_flow_ticked(struct ch_arena *a, const struct ch_list *agreements);

#define CH_FLOW_ROUTE(verb, of, rest, body, cap, tx, what, handle)                                                       \
    {verb, "/{slug}/api/" of "/" rest, CH_APPLICANT, body, cap, tx, of "." what, handle}

/* `of`: the business, as a literal. */
#define CH_FLOW_ROUTES(of)                                                                                               \
    CH_FLOW_ROUTE("GET", of, "setup", NULL, 0, CH_TX_SINGLE, "setup", ch_flow_setup),                                    \
    CH_FLOW_ROUTE("POST", of, "orders", &ch_flow_create_body, CH_KB(4), CH_TX_SINGLE, "create", ch_flow_create),         \
    CH_FLOW_ORDER_ROUTES(of)

/* The same for a business that makes its drafts in a way of its own. */
#define CH_FLOW_ORDER_ROUTES(of)                                                                                         \
    CH_FLOW_ROUTE("PUT", of, "orders/{id:uuid}/form", &ch_flow_save_body, CH_KB(32), CH_TX_SINGLE, "save", ch_flow_save),     \
    CH_FLOW_ROUTE("GET", of, "orders/{id:uuid}/form.pdf", NULL, 0, CH_TX_EACH, "print", ch_flow_print),                    \
    CH_FLOW_ROUTE("POST", of, "orders/{id:uuid}/submit", &ch_version_body, CH_KB(1), CH_TX_SEVERAL, "submit", ch_flow_submit), \
    CH_FLOW_ROUTE("POST", of, "orders/{id:uuid}/edit", &ch_version_body, CH_KB(1), CH_TX_SINGLE, "edit", ch_flow_edit),       \
    CH_FLOW_ROUTE("POST", of, "orders/{id:uuid}/resubmit", &ch_version_body, CH_KB(1), CH_TX_SINGLE, "resubmit", ch_flow_resubmit)

#endif
