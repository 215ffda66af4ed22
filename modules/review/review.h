/* SPDX-License-Identifier: Apache-2.0
 * Module review of the back office (材料审核): the queues, an order with its papers, and the reviewer's decision. This header
 * declares the request bodies and handlers that its files share. */
#ifndef MODULE_REVIEW_H
#define MODULE_REVIEW_H

#include "core/desk/decision.h"
#include "core/desk/desk.h"
#include "core/order/order.h"
#include "decision_sql.h"
#include "form_sql.h"
#include "review_sql.h"

struct review_reason_in {
    const char *pointer; /* "/form/unit_name" or "/papers/licence" */
    const char *text;
};
struct review_reject_in {
    int64_t version;
    struct ch_list reasons; /* of struct review_reason_in */
};
struct review_approve_in {
    int64_t version;
    const char *note;               /* NULL: none */
    const struct ch_json *decision; /* core/desk/decision.h */
};
struct review_lay_in {
    int64_t version;
    const char *note; /* NULL: none */
};
extern const struct ch_input review_approve_body, review_reject_body, review_lay_body, review_search_body;

ch_handler review_search;                                   /* search.c */
ch_handler review_list, review_read, review_paper;          /* orders.c */
ch_handler review_statement, review_approve, review_reject; /* decide.c */
ch_handler review_tray_put, review_tray_statement, review_tray_approve;

#endif
