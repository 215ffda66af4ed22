/* SPDX-License-Identifier: Apache-2.0
 * Module counter of the back office: an outlet's clerk sees people who prove in person who they are, by appointment. This header declares
 * the request bodies and handlers that its files share. */
#ifndef MODULE_COUNTER_H
#define MODULE_COUNTER_H

#include "core/desk/act.h"
#include "core/desk/desk.h"
#include "core/form/person.h"
#include "core/order/order.h"
#include "counter_sql.h"

struct counter_pass_in {
    const char *name, *id_no; /* as the clerk has read them on the card */
    const char *valid_until;  /* the card's last day; NULL: it has none (长期) */
    const struct ch_json *decision;
};
extern const struct ch_input counter_pass_asked, counter_pass_body;

struct counter_refuse_in {
    const char *reason; /* list appointment_reason of hall.words */
    const struct ch_json *decision;
};
extern const struct ch_input counter_refuse_asked, counter_refuse_body;

ch_handler counter_list, counter_read;                                                     /* list.c */
ch_handler counter_picture_put, counter_picture;                                           /* pictures.c */
ch_handler counter_pass_statement, counter_pass, counter_refuse_statement, counter_refuse; /* decide.c */

/* Opens the person whom an appointment is about; the row has order_id, form and role (list.c). */
enum ch_err counter_person(struct ch_req *r, const struct ch_rows *rows, int row, struct ch_person *out) CH_MUST;

#endif
