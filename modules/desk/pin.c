/* SPDX-License-Identifier: Apache-2.0
 * An order's PIN as staff may deal with it: its ledger, sending it again, and the PIN of a token for its producer. None of
 * that opens it: the runner sends it, and what a producer takes is sealed by the signer to a key that only its page has. */
#include "modules/desk/desk.h"

#include "core/base/codec.h"
#include "core/crypto/box.h"

enum ch_err desk_pin(struct ch_req *r)
{
    const char *id, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&desk_pin_json, ch_p_text(id)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err desk_pin_send(struct ch_req *r)
{
    const char *id;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&desk_pin_send_row, ch_p_text(id)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

enum ch_err desk_pin_box(struct ch_req *r)
{
    const struct desk_pin_box_in *in = r->in;
    struct ch_bytes key;
    const char *id, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e != CH_OK)
        return e;
    if (!ch_unbase64(r->a, in->public_key, &key) || key.n != CH_BOX_KEY || key.p[0] != 4) {
        ch_wrong(r, "/public_key", "value", "浏览器的密钥不正确，请刷新页面后再试。");
        return CH_OK;
    }
    e = ch_run_text(r, CH_CALL(&desk_pin_box_row, ch_p_text(id), ch_p_bytes(key)), &out);
    return e == CH_OK ? ch_reply_json(r, 202, out) : e;
}

enum ch_err desk_pin_take(struct ch_req *r)
{
    const char *id, *box, *out;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_var_uuid(r, "box", &box);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&desk_pin_take_row, ch_p_text(id), ch_p_text(box)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}
