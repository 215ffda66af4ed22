/* SPDX-License-Identifier: Apache-2.0
 * The list of the account's sessions, and their end: of one of them, or of all but the caller's. */
#include "modules/gate/input.h"

enum ch_err gate_sessions(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&gate_my_sessions, gate_token_hash(r)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err gate_sessions_end(struct ch_req *r)
{
    const struct gate_sessions_end_in *in = r->in;
    struct gate_self self;
    const char *word;

    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = ch_run_text(
            r, CH_CALL(&gate_sessions_stop, ch_p_text(in->id), gate_token_hash(r), gate_code_hash(r, self.phone, in->code)),
            &word);
    if (e != CH_OK)
        return e;
    return strcmp(word, "ok") == 0 ? ch_reply_empty(r) : gate_code_refused(r, "/code", word);
}
