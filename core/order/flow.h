/* SPDX-License-Identifier: Apache-2.0
 * The steps of an application that all kinds of business share: set-up, draft, form, print, submission. A kind of business
 * is a module with its name and rows of tables (docs/developers.md). The module lists the flow's routes behind its own. An order
 * can be reached only through the module of its business (hall.my_order). */
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
    enum ch_maybe seal_wanted; /* CH_UNSAID: the project's default */
    const char *ticket;        /* the browser's token for a partner's ticket (core/order/ticket.h), or NULL */
};
struct ch_flow_save_in {
    int64_t version;            /* the order's version that the page shows */
    bool complete;              /* every rule is checked; otherwise a draft is saved */
    const struct ch_json *form; /* checked by core/form/form */
};
extern const struct ch_input ch_flow_agreement, ch_flow_create_body, ch_flow_save_body;

/* The routes of every kind of business. A route of the module's own with the same operation replaces one of these. */
extern const struct ch_route ch_flow_routes[];

ch_handler ch_flow_setup, ch_flow_create;                  /* flow_order.c */
ch_handler ch_flow_save;                                   /* flow_form.c */
ch_handler ch_flow_print;                                  /* flow_print.c */
ch_handler ch_flow_collection;                             /* flow_collection.c */
ch_handler ch_flow_submit, ch_flow_edit, ch_flow_resubmit; /* flow_submit.c */

/* Their statements are flow_statements and form_statements (flow_sql.h, form_sql.h). A module with the flow lists both besides
 * its own, and its database role may call what they name. */

/* The data for a printed paper of the caller's order. The statement `printed`, which takes the order's id, records the printing,
 * or only checks that there is something to print. The route is CH_TX_EACH, so that no transaction is open while the paper is
 * drawn; a paper that then cannot be drawn is recorded as printed nevertheless. */
struct ch_flow_source {
    struct ch_form_spec spec;
    struct ch_json *order, *form;
    const struct ch_json *names; /* names of the codes in the form (ch_order_code_names) */
    struct ch_rows printed;      /* what the statement has answered */
};
enum ch_err ch_flow_source(struct ch_req *r, const struct ch_stmt *printed, struct ch_flow_source *out) CH_MUST;
/* A paper with the printed rows of the form whose names begin with `prefix` ("" for all), to be signed by the agent and stamped.
 * The caller sets its code with ch_flow_code, and its title, foot and declaration. */
struct ch_pdf_paper ch_flow_paper(struct ch_req *r, const struct ch_flow_source *s, const char *prefix);
/* Sets the paper's code: the order's number, the mark of that group of fields, and the kind of paper, which is NULL for the
 * application form. */
void ch_flow_code(struct ch_req *r, const struct ch_flow_source *s, const char *group, const char *kind,
                  struct ch_pdf_paper *paper);
/* Draws the paper and replies with the PDF. */
enum ch_err ch_flow_draw(struct ch_req *r, const struct ch_pdf_paper *paper) CH_MUST;

/* The form's items as hall.items_asked reads them, a JSON text; NULL for a form without items. */
struct ch_param ch_flow_items(struct ch_req *r, const struct ch_form_spec *spec, const struct ch_json *form);
/* The ticked agreements as the JSON text that hall.order_create compares with the project's. */
const char *ch_flow_ticked(struct ch_arena *a, const struct ch_list *list);

#endif
