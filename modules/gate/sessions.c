/* SPDX-License-Identifier: Apache-2.0
 * The list of the account's sessions, and their end: of one of them, or of all but the caller's. */
#include "modules/gate/gate.h"

enum ch_err gate_sessions(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL(&gate_my_sessions, gate_token_hash(r)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* Ends the session `id`; NULL ends all of the account's sessions but the one that sends the request. */
static enum ch_err end_sessions(struct ch_req *r, const char *id)
{
    enum ch_err e = ch_run(r, CH_CALL(&gate_session_stop, ch_p_text(id), gate_token_hash(r)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err gate_session_end(struct ch_req *r)
{
    return end_sessions(r, ch_var(r, "id"));
}

enum ch_err gate_sessions_end(struct ch_req *r)
{
    return end_sessions(r, NULL);
}
