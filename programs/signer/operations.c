/* SPDX-License-Identifier: Apache-2.0
 * The table of the signer's operations. */
#include "programs/signer/operations.h"

#include "programs/signer/server.h"

#include <stdio.h>

static enum ch_err ping(struct signer *s, struct ch_arena *a, const char *subject, char *text, struct ch_fault *f)
{
    (void)a, (void)subject, (void)f;
    snprintf(text, SERVER_TEXT, "%s", s->ca[0].algorithm);
    return CH_OK;
}

static operation *const operations[] = {
    [CH_CA_PING] = ping,         [CH_CA_PIN] = pin_make,
    [CH_CA_ISSUE] = order_issue, [CH_CA_REQUEST] = order_request,
    [CH_CA_SEAL] = seal_make,    [CH_CA_CRL] = crl_make,
    [CH_CA_OCSP] = status_make,  [CH_CA_OCSP_DUE] = status_make_due,
    [CH_CA_RENEW] = ocsp_renew,  [CH_CA_REKEY] = pin_rekey,
    [CH_CA_BOX] = pin_box,       [CH_CA_EVIDENCE] = evidence_sign,
};

operation *operation_find(enum ch_ca_op op)
{
    return op < CH_COUNT(operations) ? operations[op] : NULL;
}
