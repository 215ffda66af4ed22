/* SPDX-License-Identifier: Apache-2.0
 * What the files of module reissue share. */
#ifndef REISSUE_H
#define REISSUE_H

#include "core/order/flow.h"
#include "form_sql.h"
#include "reissue_sql.h"

struct reissue_find_in {
    const char *serial;
};
struct reissue_create_in {
    struct ch_list agreements; /* of struct ch_flow_agreement_in; the notices among them */
    const char *serial;
    const char *code;      /* the unit's code, or the ID number of a natural person; not asked of who made the old order */
    const char *holder_id; /* of a holder's certificate: whose it is, beside the unit */
};
extern const struct ch_input reissue_find_body, reissue_create_body;

ch_handler reissue_find;   /* find.c */
ch_handler reissue_create; /* create.c */
ch_handler reissue_save;   /* save.c */

#endif
