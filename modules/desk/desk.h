/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODULE_DESK_H
#define MODULE_DESK_H

#include "core/hall/order.h"
#include "desk_sql.h"
#include "hall_sql.h"

struct desk_login_in {
    const char *name, *password;
};
struct desk_approve_in {
    int64_t version;
    const char *note; /* NULL: none */
};
struct desk_reason_in {
    const char *pointer; /* "/form/unit_name" or "/materials/licence" */
    const char *text;
};
struct desk_reject_in {
    int64_t version;
    struct ch_list reasons; /* of struct desk_reason_in */
};
struct desk_ship_in {
    int64_t version;
    const char *courier, *tracking_no;
};
struct desk_bill_in {
    const char *channel; /* "wechat" */
    const char *day;     /* "2026-11-21" */
};
extern const struct ch_input desk_login_body, desk_approve_body, desk_reject_body, desk_ship_body, desk_bill_body;

/* What a member of staff does to an order, answered with the order without its form (orders.c). */
enum ch_err desk_happen(struct ch_req *r, const char *id, struct ch_call event) CH_MUST;

ch_handler desk_login, desk_logout, desk_session;                 /* staff.c */
ch_handler desk_list, desk_read, desk_material;                   /* orders.c */
ch_handler desk_approve, desk_reject;                             /* review.c */
ch_handler desk_produce, desk_key_file, desk_certificate, desk_ship; /* production.c */
ch_handler desk_audit, desk_outbox;                               /* oversight.c */
ch_handler desk_vendors, desk_messages, desk_bills, desk_bill_want, desk_bill, desk_bill_csv; /* outside.c */

#endif
