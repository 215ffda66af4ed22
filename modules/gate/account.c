/* SPDX-License-Identifier: Apache-2.0
 * The caller's own account: its profile, and its password and phone number, which change only against a proof. */
#include "modules/gate/input.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/password.h"
#include "core/form/rule.h"

/* Sends a code that confirms an action of the account's owner: to the account's phone, or to the phone that is to replace it. */
enum ch_err gate_code(struct ch_req *r)
{
    const struct gate_code_in *in = r->in;
    bool new_phone = strcmp(in->purpose, "new_phone") == 0;
    const char *phone = in->phone;
    struct gate_self self;

    if (new_phone != (in->phone != NULL)) {
        ch_wrong(r, "/phone", new_phone ? "required" : "unknown",
                 new_phone ? "请填写新手机号。" : "验证码只发送到本账号的手机。");
        return ch_fail(r, CH_E_INVALID, "phone");
    }
    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK && !new_phone)
        e = gate_self_phone(r, &self, &phone);
    return e == CH_OK ? gate_code_send(r, phone, in->purpose) : e;
}

enum ch_err gate_profile(struct ch_req *r)
{
    struct gate_self self;
    struct ch_jw w;

    enum ch_err e = gate_self_read(r, &self);
    if (e != CH_OK)
        return e;
    const char *name = ch_json_text(self.profile, "name"), *email = ch_json_text(self.profile, "email");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "phone", self.mask);
    ch_jw_text(&w, "name", name != NULL ? name : "");
    ch_jw_text(&w, "email", email != NULL ? email : "");
    ch_jw_bool(&w, "password", self.has_password);
    ch_jw_text(&w, "created_at", self.created_at);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* What the account knows of its person in the clear, to fill in a form. */
enum ch_err gate_own(struct ch_req *r)
{
    struct gate_self self;
    const char *phone;
    struct ch_jw w;

    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = gate_self_phone(r, &self, &phone);
    if (e != CH_OK)
        return e;
    const char *email = ch_json_text(self.profile, "email");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "phone", phone);
    ch_jw_text(&w, "email", email != NULL ? email : "");
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err gate_profile_put(struct ch_req *r)
{
    const struct gate_profile_in *in = r->in;
    struct gate_self self;
    struct ch_jw w;

    enum ch_err e = gate_self_read(r, &self);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "name", in->name);
    ch_jw_text(&w, "email", in->email);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    e = ch_run(r,
               CH_CALL(&gate_profile_set,
                       ch_p_bytes(ch_encrypt(ch_ring(), r->a, "account.profile", self.id, CH_BYTES(text, strlen(text))))),
               NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

/* Reads the proof of the old password, whose try is counted. A new password is proved by the old one or by a code, not by both. An
 * account that never set a password can only use a code. */
static enum ch_err read_proof(struct ch_req *r, const struct gate_password_in *in, const struct gate_self *self,
                              struct ch_param *proof)
{
    struct ch_rows rows;

    *proof = ch_p_null();
    if ((in->old != NULL) == (in->code != NULL)) {
        ch_wrong(r, "/old", "required", "请填写原密码，或改用短信验证码。");
        return ch_fail(r, CH_E_INVALID, "proof");
    }
    if (in->old == NULL)
        return CH_OK;
    enum ch_err e = ch_run_row(r, gate_password_try_call(r, self->phone), &rows);
    if (e == CH_OK && !ch_col_bool(&rows, 0, "may"))
        return ch_fail_say(r, CH_E_TOO_MANY, "原密码填错次数过多，请 15 分钟后再试，或改用短信验证码。");
    if (e == CH_OK)
        *proof = ch_password_param(r, &rows, in->old);
    return e;
}

enum ch_err gate_password(struct ch_req *r)
{
    const struct gate_password_in *in = r->in;
    const char *message = ch_uuid7(r->a), *phone, *word;
    struct ch_param proof;
    struct gate_self self;

    enum ch_err e = ch_password_place(r);
    if (e == CH_OK)
        e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = gate_self_phone(r, &self, &phone);
    if (e == CH_OK)
        e = read_proof(r, in, &self, &proof);
    if (e != CH_OK)
        return e;
    const char *secret = ch_password_record(r->a, in->password, (int)ch_conf_int(CONF_SCRYPT_LOG_N));
    if (secret == NULL)
        return ch_fail(r, CH_E_INTERNAL, "scrypt");
    e = ch_run_text(r,
                    CH_CALL(&gate_password_set, proof, gate_code_hash(r, self.phone, in->code), ch_p_text(secret),
                            gate_token_hash(r), ch_p_text(message), gate_message(r, message, phone, NULL)),
                    &word);
    if (e != CH_OK)
        return e;
    if (strcmp(word, "ok") == 0)
        return ch_reply_empty(r);
    if (strcmp(word, "wrong_password") != 0)
        return gate_code_refused(r, "/code", word);
    ch_wrong(r, "/old", "wrong", "原密码不正确。");
    return ch_fail(r, CH_E_INVALID, "old password");
}

/* The owner of the old number learns of the change by a message to it, in which the new number is masked. */
enum ch_err gate_phone(struct ch_req *r)
{
    const struct gate_phone_in *in = r->in;
    const char *message = ch_uuid7(r->a), *mask = ch_rule_mask_mobile(r->a, in->phone), *old;
    struct ch_param phone = gate_phone_hash(r, in->phone);
    struct gate_self self;
    struct ch_rows rows;

    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = gate_self_phone(r, &self, &old);
    if (e != CH_OK)
        return e;
    struct ch_bytes encrypted =
        ch_encrypt(ch_ring(), r->a, "account.phone", self.id, CH_BYTES(in->phone, strlen(in->phone)));
    e = ch_run_row(r,
                   CH_CALL(&gate_phone_set, gate_code_hash(r, self.phone, in->code), phone,
                           gate_code_hash(r, phone, in->new_code), ch_p_bytes(encrypted), ch_p_text(mask),
                           gate_token_hash(r), ch_p_text(message), gate_message(r, message, old, NULL)),
                   &rows);
    if (e != CH_OK)
        return e;
    const char *word = ch_col_text(&rows, 0, "word");
    if (strcmp(word, "taken") == 0)
        return gate_phone_taken(r);
    if (strcmp(word, "ok") != 0)
        return gate_code_refused(r, strcmp(ch_col_text(&rows, 0, "which"), "old") == 0 ? "/code" : "/new_code", word);
    return ch_reply_json(r, 200, ch_printf(r->a, "{\"phone\":\"%s\"}", mask));
}
