/* SPDX-License-Identifier: Apache-2.0
 * Module reissue: a certificate whose token was lost is made again (介质遗失补办). This header declares the request bodies and
 * handlers that its files share. */
#ifndef REISSUE_H
#define REISSUE_H

#include "core/order/flow.h"
#include "form_sql.h"
#include "reissue_sql.h"

struct reissue_find_in {
    const char *serial;
};
struct reissue_create_in {
    struct ch_list agreements; /* of struct ch_flow_agreement_in, with the notices */
    const char *serial;
    const char *code; /* the unit's code, or the ID number of a natural person; NULL when the account made the old order */
    const char *holder_id; /* of a holder's certificate: the holder's ID number, in addition to the unit's code */
};
extern const struct ch_input reissue_find_body, reissue_create_body;

ch_handler reissue_find;   /* find.c */
ch_handler reissue_create; /* create.c */
ch_handler reissue_save;   /* save.c */

#endif
