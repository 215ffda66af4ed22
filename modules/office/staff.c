/* SPDX-License-Identifier: Apache-2.0
 * Log-in and log-out of staff, and the session that the pages ask for. */
#include "modules/office/office.h"

#include "core/base/config.h"
#include "core/crypto/password.h"
#include "core/format/brand.h"

#include <string.h>

#define SESSION_SECONDS (8 * 3600)

static const struct ch_field login_fields[] = {
    CH_IN_TEXT(struct office_login_in, name, CH_REQUIRED, 1, 32, NULL),
    CH_IN_TEXT(struct office_login_in, password, CH_REQUIRED, 1, 72, NULL),
};
const struct ch_input office_login_body = CH_INPUT(struct office_login_in, login_fields);

static enum ch_err answer_session(struct ch_req *r, const char *staff)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_brand_json(&w);
    ch_jw_raw(&w, "staff", staff);
    ch_jw_text(&w, "csrf", ch_csrf(r));
    if (ch_conf_bool(CONF_SANDBOX) && !ch_conf_bool(CONF_PRODUCTION)) /* modules/sandbox/authenticator */
        ch_jw_text(&w, "authenticator", "/sandbox/authenticator.js");
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err office_login(struct ch_req *r)
{
    const struct office_login_in *in = r->in;
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_rows rows;

    enum ch_err e = ch_password_place(r);
    if (e == CH_OK)
        e = ch_run_row(r,
                       CH_CALL(&office_password_try, ch_p_text(in->name), ch_p_text(ch_fcgi(r, "REMOTE_ADDR")),
                               ch_p_int(r->a, ch_conf_int(CONF_SCRYPT_LOG_N))),
                       &rows);
    if (e != CH_OK)
        return e;
    struct ch_param proof = ch_password_param(r, &rows, in->password);
    const char *token = ch_session_token(r, hash);
    e = ch_run(r,
               CH_CALL(&office_login_row, ch_p_text(in->name), proof, ch_p_bytes(CH_BYTES(hash, sizeof hash)),
                       ch_p_int(r->a, SESSION_SECONDS)),
               &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1) {
        ch_wrong(r, "/password", "wrong", "用户名或密码不正确。连续输错 5 次后，须过 15 分钟才能登录。");
        return ch_fail(r, CH_E_INVALID, "staff log-in");
    }
    ch_session_start(r, "desk", token, SESSION_SECONDS);
    return answer_session(r, ch_col(&rows, 0, "out"));
}

enum ch_err office_logout(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_sha256(CH_BYTES(r->token, strlen(r->token)), hash);
    enum ch_err e = ch_run(r, CH_CALL(&office_session_close, ch_p_bytes(CH_BYTES(hash, sizeof hash))), NULL);
    if (e != CH_OK)
        return e;
    ch_session_end(r, "desk");
    return ch_reply_empty(r);
}

enum ch_err office_session(struct ch_req *r)
{
    const char *staff;

    enum ch_err e = ch_run_text(r, CH_CALL0(&office_face), &staff);
    return e == CH_OK ? answer_session(r, staff) : e;
}
