/* SPDX-License-Identifier: Apache-2.0
 * Closing one's account. The number is told so; the session ends with all others. */
#include "modules/gate/input.h"

#include "core/base/random.h"

enum ch_err gate_close(struct ch_req *r)
{
    const struct gate_accept_in *in = r->in;
    const char *message = ch_uuid7(r->a), *phone, *word;
    struct gate_self self;

    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = gate_self_phone(r, &self, &phone);
    if (e == CH_OK)
        e = ch_run_text(r,
                        CH_CALL(&gate_account_close, gate_code_hash(r, self.phone, in->code), ch_p_text(message),
                                gate_message(r, message, phone, NULL)),
                        &word);
    if (e != CH_OK)
        return e;
    if (strcmp(word, "ok") != 0)
        return gate_code_refused(r, "/code", word);
    ch_session_end(r, "hall");
    return ch_reply_empty(r);
}
