/* SPDX-License-Identifier: Apache-2.0
 * The certificates of one's own orders by unit, and a unit's orders that go to another handler: who gives proves itself by
 * a code on its phone, who takes by a code on the phone that was named. */
#include "modules/gate/input.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/hall/rule.h"

enum ch_err gate_units(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL0(&gate_my_units), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err gate_hand_overs(struct ch_req *r)
{
    const char *out;
    enum ch_err e = ch_run_text(r, CH_CALL0(&gate_my_hand_overs), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err gate_hand_over(struct ch_req *r)
{
    const struct gate_hand_over_in *in = r->in;
    const char *message = ch_uuid7(r->a), *word;
    struct gate_self self;

    if (!ch_is_uuid(in->order))
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&gate_hand_over_new, ch_p_text(ch_uuid7(r->a)), ch_p_text(in->order), ch_p_bool(in->whole),
                                   gate_phone_hash(r, in->phone), ch_p_text(ch_mask_mobile(r->a, in->phone)),
                                   gate_code_hash(r, self.phone, in->code), ch_p_text(message),
                                   gate_message(r, message, in->phone, NULL)), &word);
    if (e != CH_OK)
        return e;
    return strcmp(word, "ok") == 0 ? ch_reply_empty(r) : gate_code_refused(r, "/code", word);
}

enum ch_err gate_hand_over_accept(struct ch_req *r)
{
    const struct gate_accept_in *in = r->in;
    const char *id, *word;
    struct gate_self self;

    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = ch_run_text(r, CH_CALL(&gate_hand_over_take, ch_p_text(id), gate_code_hash(r, self.phone, in->code)), &word);
    if (e != CH_OK)
        return e;
    return strcmp(word, "ok") == 0 ? ch_reply_empty(r) : gate_code_refused(r, "/code", word);
}

/* Refused by who was to take, or taken back by who gives. */
enum ch_err gate_hand_over_end(struct ch_req *r)
{
    const char *id;
    enum ch_err e = ch_var_uuid(r, "id", &id);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&gate_hand_over_stop, ch_p_text(id)), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}
