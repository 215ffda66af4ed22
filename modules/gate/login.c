/* SPDX-License-Identifier: Apache-2.0
 * Log-in by SMS code or by password, registration, the reset of a forgotten password, and log-out. */
#include "modules/gate/input.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/password.h"
#include "core/form/rule.h"
#include "modules/gate/device.h"

#define SESSION_SECONDS (12 * 3600)

enum ch_err gate_sms_code(struct ch_req *r)
{
    const struct gate_sms_code_in *in = r->in;
    return gate_code_send(r, in->phone, in->purpose);
}

/* Hands out the session that the database has opened for the account of the row. */
static enum ch_err enter(struct ch_req *r, int status, const char *token, const struct ch_rows *account)
{
    const char *id = ch_col(account, 0, "id");
    struct ch_jw w;

    ch_log(CH_INFO, r->id, "log-in of account %s from %s", id, ch_fcgi(r, "REMOTE_ADDR"));
    ch_session_start(r, "hall", token, SESSION_SECONDS);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "account");
    ch_jw_text(&w, "id", id);
    ch_jw_text(&w, "phone", ch_col(account, 0, "phone_mask"));
    ch_jw_end_object(&w);
    ch_jw_text(&w, "csrf", ch_csrf(r));
    ch_jw_end_object(&w);
    return ch_reply_json(r, status, ch_jw_done(&w));
}

/* The statement that notes the browser of the new session; it travels in the round trip of the log-in. */
static struct ch_call device_call(struct ch_req *r, const unsigned char *hash)
{
    struct ch_param *p = ch_alloc(r->a, 2 * sizeof *p);
    p[0] = ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
    p[1] = ch_p_text(gate_device_words(r->a, ch_fcgi(r, "HTTP_USER_AGENT")));
    return ch_call_of(&gate_session_device, p, 2);
}

static enum ch_err enter_by_code(struct ch_req *r, int status, const char *purpose, const char *phone, const char *code,
                                 const char *secret)
{
    const char *id = ch_uuid7(r->a);
    struct ch_param hash_of_phone = gate_phone_hash(r, phone);
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    const struct ch_call calls[] = {
        CH_CALL(&gate_login_by_sms, hash_of_phone, ch_p_text(purpose), gate_code_hash(r, hash_of_phone, code),
                ch_p_text(id), ch_p_bytes(ch_encrypt(ch_ring(), r->a, "account.phone", id, CH_BYTES(phone, strlen(phone)))),
                ch_p_text(ch_rule_mask_mobile(r->a, phone)), ch_p_text(secret), ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                ch_p_int(r->a, SESSION_SECONDS), ch_p_int(r->a, ch_conf_int(CONF_HALL_IDLE))),
        device_call(r, hash),
    };
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e == CH_OK)
        e = ch_need_row(r, &rows[0]);
    if (e != CH_OK)
        return e;
    const char *word = ch_col_text(&rows[0], 0, "word");
    if (strcmp(word, "unknown") == 0) {
        /* This tells nobody which numbers are registered: the right code proves that the caller has the phone. */
        ch_wrong(r, "/phone", "unknown", "这个手机号还没有注册，请先注册。");
        return ch_fail(r, CH_E_INVALID, "reset of no account");
    }
    if (strcmp(word, "ok") != 0)
        return gate_code_refused(r, "/code", word);
    return enter(r, status, token, &rows[0]);
}

enum ch_err gate_login_sms(struct ch_req *r)
{
    const struct gate_login_sms_in *in = r->in;
    return enter_by_code(r, 200, "login", in->phone, in->code, NULL);
}

static enum ch_err enter_with_new_password(struct ch_req *r, int status, const char *purpose)
{
    const struct gate_register_in *in = r->in;

    enum ch_err e = ch_password_place(r);
    if (e != CH_OK)
        return e;
    const char *secret = ch_password_record(r->a, in->password, (int)ch_conf_int(CONF_SCRYPT_LOG_N));
    if (secret == NULL)
        return ch_fail(r, CH_E_INTERNAL, "scrypt");
    return enter_by_code(r, status, purpose, in->phone, in->code, secret);
}

enum ch_err gate_register(struct ch_req *r)
{
    return enter_with_new_password(r, 201, "register");
}

enum ch_err gate_reset(struct ch_req *r)
{
    return enter_with_new_password(r, 200, "reset");
}

struct ch_call gate_password_try_call(struct ch_req *r, struct ch_param phone)
{
    struct ch_param *p = ch_alloc(r->a, 3 * sizeof *p);
    p[0] = phone;
    p[1] = ch_p_text(ch_fcgi(r, "REMOTE_ADDR"));
    p[2] = ch_p_int(r->a, ch_conf_int(CONF_SCRYPT_LOG_N));
    return ch_call_of(&gate_password_try, p, 3);
}

enum ch_err gate_login_password(struct ch_req *r)
{
    const struct gate_login_password_in *in = r->in;
    struct ch_param phone = gate_phone_hash(r, in->phone);
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_rows rows;

    enum ch_err e = ch_password_place(r);
    if (e == CH_OK)
        e = ch_run_row(r, gate_password_try_call(r, phone), &rows);
    if (e != CH_OK)
        return e;
    struct ch_param proof = ch_password_param(r, &rows, in->password);
    const char *token = ch_session_token(r, hash);
    const struct ch_call calls[] = {
        CH_CALL(&gate_login_by_password, phone, proof, ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                ch_p_int(r->a, SESSION_SECONDS), ch_p_int(r->a, ch_conf_int(CONF_HALL_IDLE))),
        device_call(r, hash),
    };
    struct ch_rows answers[CH_COUNT(calls)];
    e = ch_run_all(r, calls, CH_COUNT(calls), answers);
    if (e != CH_OK)
        return e;
    if (answers[0].n != 1) {
        ch_wrong(r, "/password", "wrong",
                 "手机号或密码不正确。连续输错 5 次后，须过 15 分钟才能用密码登录；忘记密码可用短信验证码登录或重设密码。");
        return ch_fail(r, CH_E_INVALID, "password");
    }
    return enter(r, 200, token, &answers[0]);
}

enum ch_err gate_logout(struct ch_req *r)
{
    enum ch_err e = ch_run(r, CH_CALL(&gate_session_close, gate_token_hash(r)), NULL);
    if (e != CH_OK)
        return e;
    ch_session_end(r, "hall");
    return ch_reply_empty(r);
}
