/* SPDX-License-Identifier: Apache-2.0
 * The owner of an order asks for the PUK of a token: a link for the phone, on which the person authenticates to whom the PIN went, or who
 * is on file in that one's place now. The PUK itself is sent by the runner and is never here. */
#include "modules/identity/identity.h"

#include "core/base/random.h"
#include "core/form/rule.h"

static const struct ch_field unlock_fields[] = {
    CH_IN_TEXT(struct identity_unlock_in, serial, CH_REQUIRED, 1, 64, ch_rule_serial),
};
const struct ch_input identity_unlock_body = CH_INPUT(struct identity_unlock_in, unlock_fields);

enum ch_err identity_unlock(struct ch_req *r)
{
    const struct identity_unlock_in *in = r->in;
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e =
        ch_run_row(r,
                   CH_CALL(&identity_unlock_start, ch_p_text(ch_uuid7(r->a)), ch_p_text(ch_var(r, "id")),
                           ch_p_text(ch_serial_bare(r->a, in->serial)), ch_p_bytes(CH_BYTES(hash, sizeof hash))),
                   &rows);
    return e == CH_OK ? ch_reply_link(r, "phone", token, ch_col(&rows, 0, "expires_at")) : e;
}
