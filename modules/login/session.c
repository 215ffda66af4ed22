/* SPDX-License-Identifier: Apache-2.0
 * The session that the pages of the back office ask for, and its end. */
#include "modules/login/login.h"

#include "core/base/config.h"
#include "core/web/brand.h"

#include <string.h>

void login_name_authenticator(struct ch_jw *w)
{
    if (ch_conf_bool(CONF_SANDBOX) && !ch_conf_bool(CONF_PRODUCTION))
        ch_jw_text(w, "authenticator", "/sandbox/authenticator.js");
}

enum ch_err login_answer(struct ch_req *r, const char *staff)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_brand_json(&w);
    ch_jw_raw(&w, "staff", staff);
    ch_jw_text(&w, "csrf", ch_csrf(r));
    ch_jw_int(&w, "idle", ch_conf_int(CONF_DESK_IDLE));
    login_name_authenticator(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err login_session(struct ch_req *r)
{
    const char *staff;

    enum ch_err e = ch_run_text(r, CH_CALL0(&login_face), &staff);
    return e == CH_OK ? login_answer(r, staff) : e;
}

enum ch_err login_logout(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_sha256(CH_BYTES(r->token, strlen(r->token)), hash);
    enum ch_err e = ch_run(r, CH_CALL(&login_session_close, ch_p_bytes(CH_BYTES(hash, sizeof hash))), NULL);
    if (e != CH_OK)
        return e;
    ch_session_end(r, "desk");
    return ch_reply_empty(r);
}
