/* SPDX-License-Identifier: Apache-2.0
 * Another phone number for an account whose own is lost. A code proves the new number, and a link leads to the phone authentication
 * (module identity) of the person whom the account's orders name. Nothing that is answered here tells whether the old number belongs
 * to an account. */
#include "modules/gate/input.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/form/rule.h"

/* Both numbers, encrypted for the row with this id: the runner checks the new one with its carrier, and writes to both. */
static struct ch_param encrypt_phones(struct ch_req *r, const char *id, const struct gate_rebinding_in *in)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "old_phone", in->old);
    ch_jw_text(&w, "new_phone", in->phone);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    return ch_p_bytes(ch_encrypt(ch_ring(), r->a, "rebinding.phones", id, CH_BYTES(text, strlen(text))));
}

enum ch_err gate_rebinding(struct ch_req *r)
{
    const struct gate_rebinding_in *in = r->in;
    const char *id = ch_uuid7(r->a);
    struct ch_param phone = gate_phone_hash(r, in->phone);
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e = ch_run_row(
        r,
        CH_CALL(&gate_rebinding_new, ch_p_text(id), gate_phone_hash(r, in->old), phone,
                ch_p_text(ch_rule_mask_mobile(r->a, in->phone)), gate_code_hash(r, phone, in->code),
                encrypt_phones(r, id, in), ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                ch_p_int(r->a, ch_conf_int(CONF_REBINDING_HOURS)), ch_p_int(r->a, ch_conf_int(CONF_LOSS_LIMIT_IP))),
        &rows);
    if (e != CH_OK)
        return e;
    const char *word = ch_col_text(&rows, 0, "word");
    if (strcmp(word, "taken") == 0)
        return gate_phone_taken(r);
    return strcmp(word, "ok") == 0 ? ch_reply_link(r, "phone", token, ch_col_text(&rows, 0, "expires_at"))
                                   : gate_code_refused(r, "/code", word);
}
