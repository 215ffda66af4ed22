/* SPDX-License-Identifier: Apache-2.0
 * Module partner: the requests of a partner's platform, server to server (docs/partners.md). This header declares the request
 * body, handlers and helpers that its files share. */
#ifndef MODULE_PARTNER_H
#define MODULE_PARTNER_H

#include "core/web/input.h"
#include "core/web/request.h"
#include "partner_sql.h"

struct partner_ticket_in {
    const char *business;       /* NULL: the project's first kind of business */
    const char *cert_type;      /* our word for the type, or the partner's own */
    int64_t years;              /* 0: not given */
    const char *reference;      /* the platform's own number, or NULL */
    const struct ch_json *form; /* fields of core/form/form.tbl, or NULL */
};
extern const struct ch_input partner_ticket_body;

/* The platform that has signed the request. */
struct partner_caller {
    const char *key, *nonce;
    const struct ch_json *words; /* the partner's own words for our certificate types */
};
/* Checks the signature of the request (docs/partners.md). CH_E_UNAUTHENTICATED comes with a sentence that says what to correct.
 * Afterwards the request belongs to the partner's project, as if its path had named it. */
enum ch_err partner_check(struct ch_req *r, struct partner_caller *out) CH_MUST;
/* Runs one statement for the caller, in the transaction that records the request's nonce. */
enum ch_err partner_rows(struct ch_req *r, const struct partner_caller *caller, struct ch_call call,
                         struct ch_rows *rows) CH_MUST;
/* The same, and gives back its column "out". */
enum ch_err partner_run(struct ch_req *r, const struct partner_caller *caller, struct ch_call call, const char **out) CH_MUST;

ch_handler partner_ticket;                          /* ticket.c */
ch_handler partner_orders, partner_receipt;         /* orders.c */
ch_handler partner_report_json, partner_report_csv; /* orders.c */

#endif
