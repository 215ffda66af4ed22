/* SPDX-License-Identifier: Apache-2.0
 * The way of an application that all kinds of business share: set-up, draft, form, print, submission. A kind of business is a
 * module of that name and rows (docs/developers.md). It lists the flow's table of routes behind a table of its own, if it has
 * any. An order answers to the module of its own business alone (hall.my_order). */
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

/* What a kind of business does; a row of the module's own with the same operation takes a row's place. */
extern const struct ch_route ch_flow_routes[];

ch_handler ch_flow_setup, ch_flow_create;                  /* flow_order.c */
ch_handler ch_flow_save;                                   /* flow_form.c */
ch_handler ch_flow_print;                                  /* flow_print.c */
ch_handler ch_flow_submit, ch_flow_edit, ch_flow_resubmit; /* flow_submit.c */

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
const char *ch_flow_ticked(struct ch_arena *a, const struct ch_list *list);

#endif
