/* SPDX-License-Identifier: Apache-2.0
 * What only the signer can do. It records its own outcome; asked a second time it says that nothing is wanted. */
#include "programs/runner/runner.h"

#include "core/signer/ca.h"

enum end signer_asked(struct work *w, enum ch_err e)
{
    if (e == CH_OK || e == CH_E_CONFLICT)
        return finish(w, NULL, 0);
    return again(w, "signer");
}

enum end job_pin(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_PIN, w->subject));
}

enum end job_issue(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_ISSUE, w->subject));
}

enum end job_request(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_REQUEST, w->subject));
}

enum end job_seal(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_SEAL, w->subject));
}
