/* SPDX-License-Identifier: Apache-2.0
 * The operations of the signer, one for each kind of request. An operation asks the database what is wanted, and does only that.
 * Every signature is on record in the database before the key is used. */
#ifndef SIGNER_OPERATIONS_H
#define SIGNER_OPERATIONS_H

#include "programs/signer/protocol.h"
#include "programs/signer/signer.h"

/* `subject` is the request's payload. CH_OK also when the work was already done. CH_E_CONFLICT: nothing of the kind is wanted;
 * CH_E_UNAVAILABLE: the database does not answer; CH_E_INVALID: the data are not sufficient; any other failure is CH_E_INTERNAL.
 * `text` (SERVER_TEXT bytes, empty at first) may be filled with a short ASCII remark. */
typedef enum ch_err operation(struct signer *s, struct ch_arena *a, const char *subject, char *text, struct ch_fault *f);

/* The function of an operation; NULL for one that this signer does not know. */
operation *operation_find(enum ch_ca_op op) CH_MUST;

operation pin_make, pin_rekey, pin_box; /* pins.c */
operation order_issue;                  /* orders.c */
operation order_request;                /* request.c */
operation seal_make;                    /* seal.c */
operation crl_make;                     /* lists.c */
operation status_make, status_make_due; /* status.c */
operation ocsp_renew;                   /* renew.c */
operation evidence_sign;                /* evidence.c */

#endif
