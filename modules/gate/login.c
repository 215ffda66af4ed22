/* SPDX-License-Identifier: Apache-2.0
 * Log-in by SMS code or password. A code and a phone are known to the database by keyed hashes alone. */
#include "modules/gate/input.h"

#include "core/base/config.h"
#include "core/base/random.h"
#include "core/crypto/password.h"
#include "core/hall/rule.h"

#define SESSION_SECONDS (12 * 3600)

static struct ch_param blind(struct ch_req *r, const char *field, const char *value)
{
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);
    ch_blind(ch_ring(), field, value, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

static struct ch_param code_hash(struct ch_req *r, const char *phone, const char *code)
{
    return blind(r, "sms_code", ch_printf(r->a, "%s|%s", phone, code));
}

enum ch_err gate_sms_code(struct ch_req *r)
{
    const struct gate_sms_code_in *in = r->in;
    const char *message = ch_uuid7(r->a), *code = ch_random_text(r->a, "0123456789", 6);
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "phone", in->phone);
    ch_jw_text(&w, "code", code);
    ch_jw_end_object(&w);
    const char *content = ch_jw_done(&w);
    enum ch_err e = ch_run(r, CH_CALL(&gate_sms_code_new, ch_p_text(ch_uuid7(r->a)), blind(r, "phone", in->phone),
                                      ch_p_text(in->purpose), code_hash(r, in->phone, code),
                                      ch_p_int(r->a, ch_conf_int(CONF_SMS_LIMIT_DAY)),
                                      ch_p_int(r->a, ch_conf_int(CONF_SMS_LIMIT_IP)), ch_p_text(message),
                                      ch_p_bytes(ch_seal(ch_ring(), r->a, "message.content", message,
                                                         CH_BYTES(content, strlen(content))))), NULL);
    return e == CH_OK ? ch_reply_json(r, 202, "{\"retry_after\":60}") : e;
}

static enum ch_err logged_in(struct ch_req *r, int status, const char *id, const char *mask)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "account");
    ch_jw_text(&w, "id", id);
    ch_jw_text(&w, "phone", mask);
    ch_jw_end_object(&w);
    ch_jw_text(&w, "csrf", ch_csrf(r));
    ch_jw_end_object(&w);
    return ch_reply_json(r, status, ch_jw_done(&w));
}

static enum ch_err code_refused(struct ch_req *r, const char *word)
{
    if (strcmp(word, "wrong") == 0)
        ch_wrong(r, "/code", "wrong", "验证码不正确，请核对短信后重新填写。");
    else if (strcmp(word, "too_many") == 0)
        ch_wrong(r, "/code", "too_many", "验证码填错次数过多，请重新获取。");
    else
        ch_wrong(r, "/code", "expired", "验证码已失效，请重新获取。");
    return ch_fail(r, CH_E_INVALID, "code %s", word);
}

static enum ch_err enter_by_code(struct ch_req *r, int status, const char *purpose, const char *phone, const char *code,
                                 const char *secret)
{
    const char *id = ch_uuid7(r->a);
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&gate_login_by_sms, blind(r, "phone", phone), ch_p_text(purpose),
                                      code_hash(r, phone, code), ch_p_text(id),
                                      ch_p_bytes(ch_seal(ch_ring(), r->a, "account.phone", id,
                                                         CH_BYTES(phone, strlen(phone)))),
                                      ch_p_text(ch_mask_mobile(r->a, phone)), ch_p_text(secret),
                                      ch_p_bytes(CH_BYTES(hash, sizeof hash)), ch_p_int(r->a, SESSION_SECONDS)), &rows);
    if (e != CH_OK)
        return e;
    if (strcmp(ch_col(&rows, 0, "word"), "ok") != 0)
        return code_refused(r, ch_col(&rows, 0, "word"));
    ch_session_start(r, "hall", token, SESSION_SECONDS);
    return logged_in(r, status, ch_col(&rows, 0, "id"), ch_col(&rows, 0, "phone_mask"));
}

enum ch_err gate_login_sms(struct ch_req *r)
{
    const struct gate_login_sms_in *in = r->in;
    return enter_by_code(r, 200, "login", in->phone, in->code, NULL);
}

enum ch_err gate_register(struct ch_req *r)
{
    const struct gate_register_in *in = r->in;
    const char *secret = ch_password_hash(r->a, in->password, (int)ch_conf_int(CONF_SCRYPT_LOG_N));

    if (secret == NULL)
        return ch_fail(r, CH_E_INTERNAL, "scrypt");
    return enter_by_code(r, 201, "register", in->phone, in->code, secret);
}

enum ch_err gate_login_password(struct ch_req *r)
{
    const struct gate_login_password_in *in = r->in;
    struct ch_param phone = blind(r, "phone", in->phone);
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_rows rows;

    enum ch_err e = ch_peek(r, CH_CALL(&gate_password_of, phone, ch_p_text(ch_fcgi(r, "REMOTE_ADDR"))), &rows);
    if (e != CH_OK)
        return e;
    if (ch_col_bool(&rows, 0, "blocked"))
        return ch_fail_say(r, CH_E_TOO_MANY, "登录失败次数过多，请 15 分钟后再试，或改用短信验证码登录。");
    bool right = ch_password_right(r->a, in->password, ch_col(&rows, 0, "password"), (int)ch_conf_int(CONF_SCRYPT_LOG_N));
    const char *token = ch_session_token(r, hash);
    e = ch_run(r, CH_CALL(&gate_login_by_password, phone, ch_p_bool(right), ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                          ch_p_int(r->a, SESSION_SECONDS)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1) {
        ch_wrong(r, "/password", "wrong", "手机号或密码不正确；忘记密码可用短信验证码登录。");
        return ch_fail(r, CH_E_INVALID, "password");
    }
    ch_session_start(r, "hall", token, SESSION_SECONDS);
    return logged_in(r, 200, ch_col(&rows, 0, "id"), ch_col(&rows, 0, "phone_mask"));
}

enum ch_err gate_logout(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_sha256(CH_BYTES(r->token, strlen(r->token)), hash);
    enum ch_err e = ch_run(r, CH_CALL(&gate_session_close, ch_p_bytes(CH_BYTES(hash, sizeof hash))), NULL);
    if (e != CH_OK)
        return e;
    ch_session_end(r, "hall");
    return ch_reply_empty(r);
}
