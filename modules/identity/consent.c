/* SPDX-License-Identifier: Apache-2.0
 * Consent to the processing of one's face, by itself and with a text of its own: given or refused on the phone, before any liveness check. */
#include "modules/identity/identity.h"

static const struct ch_field consent_fields[] = {
    CH_IN_BOOL(struct identity_consent_in, agree, CH_REQUIRED),
    CH_IN_TEXT(struct identity_consent_in, version, CH_OPTIONAL, 1, 32, NULL),
};
const struct ch_input identity_consent_body = CH_INPUT(struct identity_consent_in, consent_fields);

enum ch_err identity_consent(struct ch_req *r)
{
    const struct identity_consent_in *in = r->in;

    enum ch_err e = ch_run(r, CH_CALL(&identity_consent_row, ch_p_bool(in->agree), ch_p_text(in->version)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
