/* SPDX-License-Identifier: Apache-2.0
 * Jobs that only the signer can do. The signer records their outcome itself. When it is asked for the same a second time, it
 * answers with a conflict, because nothing is left to do. */
#include "programs/runner/runner.h"

#include "core/signer/ca.h"

enum end finish_by_signer(struct work *w, enum ch_err e)
{
    if (e == CH_OK || e == CH_E_CONFLICT)
        return finish_job(w, NULL, 0);
    return retry_job(w, "signer");
}

enum end job_pin(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_PIN, w->subject));
}

enum end job_issue(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_ISSUE, w->subject));
}

enum end job_request(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_REQUEST, w->subject));
}

enum end job_seal(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_SEAL, w->subject));
}
