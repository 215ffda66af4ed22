/* SPDX-License-Identifier: Apache-2.0
 * The PIN of a token, for its producer. It is asked for here; the signer encrypts it to a key that only the producer's page
 * has. */
#include "modules/produce/produce.h"

#include "core/base/codec.h"
#include "core/crypto/box.h"

static const struct ch_field pin_box_fields[] = {
    CH_IN_TEXT(struct produce_pin_box_in, public_key, CH_REQUIRED, 87, 88, NULL),
};
const struct ch_input produce_pin_box_body = CH_INPUT(struct produce_pin_box_in, pin_box_fields);

enum ch_err produce_pin_box(struct ch_req *r)
{
    const struct produce_pin_box_in *in = r->in;
    struct ch_bytes key;
    const char *id = ch_var(r, "id"), *out;

    if (!ch_unbase64(r->a, in->public_key, &key) || key.n != CH_BOX_KEY || key.p[0] != 4) {
        ch_wrong(r, "/public_key", "value", "浏览器的密钥不正确，请刷新页面后再试。");
        return CH_OK;
    }
    enum ch_err e = ch_run_text(r, CH_CALL(&produce_pin_box_row, ch_p_text(id), ch_p_bytes(key)), &out);
    return e == CH_OK ? ch_reply_json(r, 202, out) : e;
}
