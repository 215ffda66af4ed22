/* SPDX-License-Identifier: Apache-2.0
 * Bodies and handlers of module new. */
#ifndef MODULE_NEW_H
#define MODULE_NEW_H

#include "core/hall/order.h"
#include "hall_sql.h"
#include "new_sql.h"

struct new_agreement_in {
    const char *code, *version;
};
struct new_create_in {
    struct ch_list agreements; /* of struct new_agreement_in */
    enum ch_maybe seal_wanted; /* unsaid: the project's default */
};
struct new_save_in {
    int64_t version;            /* of the order as the page knows it */
    bool complete;              /* every rule is checked; otherwise a draft is kept */
    const struct ch_json *form; /* checked by core/hall/form */
};
extern const struct ch_input new_create_body, new_save_body;

ch_handler new_setup, new_create, new_get;      /* new_order.c */
ch_handler new_save;                            /* new_form.c */
ch_handler new_print;                           /* new_print.c */
ch_handler new_submit, new_edit, new_resubmit;  /* new_submit.c */

#endif
