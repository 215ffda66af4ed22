/* SPDX-License-Identifier: Apache-2.0
 * The PC's side of a phone authentication: the link that the page shows as a QR code, and how far the phone has come. */
#include "modules/identity/identity.h"

#include "core/base/random.h"
#include "core/web/output.h"

enum ch_err identity_link(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r,
                               CH_CALL(&identity_start, ch_p_text(ch_uuid7(r->a)), ch_p_text(ch_var(r, "id")),
                                       ch_p_bytes(CH_BYTES(hash, sizeof hash))),
                               &rows);
    return e == CH_OK ? ch_reply_link(r, "phone", token, ch_col(&rows, 0, "expires_at")) : e;
}

static const struct ch_out state[] = {
    CH_OUT_TEXT("state"),    CH_OUT_TEXT("step"), CH_OUT_TEXT("reason"),     CH_OUT_BOOL("expired"),
    CH_OUT_BOOL("declined"), CH_OUT_TEXT("way"),  CH_OUT_TIME("expires_at"), CH_OUT_END,
};

enum ch_err identity_state(struct ch_req *r)
{
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&identity_view, ch_p_text(ch_var(r, "id"))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail(r, CH_E_NOT_FOUND, "no order of theirs");
    return ch_reply_json(r, 200, ch_out_document(r->a, state, &rows, NULL));
}
