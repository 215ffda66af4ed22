/* SPDX-License-Identifier: Apache-2.0
 * Log-in by passkey: what is to be signed is offered, and the session is opened for whom the signature shows. */
#include "modules/login/login.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "core/desk/anchor.h"
#include "core/passkey/tray.h"

#include <string.h>

#define SESSION_SECONDS (8 * 3600)
#define OFFER_AGE 300 /* seconds for which an offered statement can be signed */
#define RANDOM_BYTES 16
#define NONCE_BYTES (RANDOM_BYTES + CH_SHA256_BYTES) /* random bytes, and the mark that this module has offered them */

/* Names are words, so that a name cannot bring lines of its own into the statement. */
static const char *rule_staff_name(const char *s)
{
    return s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0'
               ? NULL
               : "请填写工号：小写字母、数字、点、下划线和连字符。";
}

static const struct ch_field challenge_fields[] = {
    CH_IN_TEXT(struct login_challenge_in, name, CH_REQUIRED, 1, 32, rule_staff_name),
};
const struct ch_input login_challenge_body = CH_INPUT(struct login_challenge_in, challenge_fields);

static const struct ch_field open_fields[] = {
    CH_IN_TEXT(struct login_open_in, name, CH_REQUIRED, 1, 32, rule_staff_name),
    CH_IN_TEXT(struct login_open_in, time, CH_REQUIRED, 20, 32, NULL),
    CH_IN_TEXT(struct login_open_in, nonce, CH_REQUIRED, 64, 64, NULL),
    CH_IN_OBJECT(struct login_open_in, assertion, CH_REQUIRED),
};
const struct ch_input login_open_body = CH_INPUT(struct login_open_in, open_fields);

/* What is signed. No decision begins like it (core/passkey/statement.c). */
static const char *statement_of(struct ch_arena *a, const char *name, const char *time, const char *nonce)
{
    return ch_printf(a, "certhall 1：登录后台\n人员：%s\n时间：%s\n随机数：%s\n", name, time, nonce);
}

/* The random bytes with our mark, so that nobody has a log-in of the future signed in advance. */
static const char *mark(struct ch_arena *a, const char *name, const char *time, const unsigned char random[RANDOM_BYTES])
{
    unsigned char nonce[NONCE_BYTES];
    const char *text = ch_printf(a, "%s|%s|%s", name, time, ch_hex(a, CH_BYTES(random, RANDOM_BYTES)));

    memcpy(nonce, random, RANDOM_BYTES);
    ch_session_mac(a, "login", text, nonce + RANDOM_BYTES);
    return ch_base64url(a, CH_BYTES(nonce, sizeof nonce));
}

static bool was_offered(struct ch_arena *a, const struct login_open_in *in, struct ch_bytes nonce)
{
    const char *ours = nonce.n == NONCE_BYTES ? mark(a, in->name, in->time, nonce.p) : "";

    return ch_same(CH_BYTES(ours, strlen(ours)), CH_BYTES(in->nonce, strlen(in->nonce)));
}

/* A roster that does not follow lets nobody in, and keeps nobody out. */
static enum ch_err read_roster(struct ch_req *r, struct ch_roster *out)
{
    const struct ch_webauthn_site site = ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_fault why = {0};
    struct ch_rows rows;

    if (ch_anchor_read(r->a, &why, out) != CH_OK) {
        ch_log(CH_ERROR, r->id, "%s", why.detail);
        return ch_fail_say(r, CH_E_CONFLICT, "还没有启用安全密钥名册，暂时不能登录，请联系安全员。");
    }
    enum ch_err e = ch_run(r, CH_CALL(&login_rosters, ch_p_int(r->a, out->version)), &rows);
    if (e != CH_OK)
        return e;
    if (ch_anchor_follow(r->a, &why, &site, &rows, out) != CH_OK)
        ch_log(CH_ERROR, r->id, "the newest roster is left out: %s", why.detail);
    return CH_OK;
}

/* The credentials of that name. Where there is none, one that is nobody's, and always the same for the name. */
static void write_credentials(struct ch_jw *w, struct ch_arena *a, const struct ch_roster *roster, const char *name)
{
    unsigned char nobodys[CH_SHA256_BYTES];
    bool any = false;

    ch_jw_array(w, "credentials");
    for (size_t i = 0; i < roster->n; i++)
        if (strcmp(roster->keys[i].name, name) == 0) {
            ch_jw_text(w, NULL, ch_base64url(a, roster->keys[i].credential));
            any = true;
        }
    if (!any) {
        ch_session_mac(a, "nobody", name, nobodys);
        ch_jw_text(w, NULL, ch_base64url(a, CH_BYTES(nobodys, sizeof nobodys)));
    }
    ch_jw_end_array(w);
}

enum ch_err login_challenge(struct ch_req *r)
{
    const struct login_challenge_in *in = r->in;
    unsigned char random[RANDOM_BYTES];
    struct ch_roster roster;
    struct ch_jw w;

    enum ch_err e = read_roster(r, &roster);
    if (e != CH_OK)
        return e;
    const char *time = ch_rfc3339(r->a, ch_now_ms() / 1000);
    ch_random(random, sizeof random);
    const char *nonce = mark(r->a, in->name, time, random);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "statement", statement_of(r->a, in->name, time, nonce));
    ch_jw_text(&w, "time", time);
    ch_jw_text(&w, "nonce", nonce);
    write_credentials(&w, r->a, &roster, in->name);
    ch_jw_text(&w, "rp_id", ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN)).rp_id);
    login_name_authenticator(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* One answer for every failure, so that names are not told apart; the log says more. */
static enum ch_err refuse(struct ch_req *r, const struct login_open_in *in, const struct ch_roster *roster, const char *why)
{
    const char *known = "somebody unknown"; /* what was typed as a name is not logged: it may be a secret */

    for (size_t i = 0; i < roster->n; i++)
        if (strcmp(roster->keys[i].name, in->name) == 0)
            known = roster->keys[i].name;
    ch_log(CH_WARN, r->id, "log-in of %s from %s refused: %s", known, ch_fcgi(r, "REMOTE_ADDR"), why);
    ch_wrong(r, "/assertion", "wrong", "登录没有成功：没有这个人员，或不是这个人员的安全密钥。");
    return ch_fail(r, CH_E_INVALID, "log-in of staff");
}

/* The key of that name that has signed the offered statement; NULL otherwise. */
static const struct ch_roster_key *who_signed(struct ch_req *r, const struct login_open_in *in,
                                              const struct ch_roster *roster, struct ch_fault *why)
{
    struct ch_webauthn_site site = ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN));
    const char *text = statement_of(r->a, in->name, in->time, in->nonce);
    struct ch_assertion given;

    if (!ch_assertion_read(r->a, in->assertion, &given)) {
        (void)ch_fault(why, CH_E_INVALID, "no assertion");
        return NULL;
    }
    const struct ch_roster_key *key = ch_roster_author(r->a, why, roster, &site, text, &given);
    if (key == NULL || strcmp(key->name, in->name) == 0)
        return key;
    (void)ch_fault(why, CH_E_INVALID, "another person's key");
    return NULL;
}

enum ch_err login_open(struct ch_req *r)
{
    const struct login_open_in *in = r->in;
    unsigned char hash[CH_SHA256_BYTES];
    struct ch_fault why = {0};
    struct ch_roster roster;
    struct ch_bytes nonce;
    struct ch_rows rows;

    enum ch_err e = read_roster(r, &roster);
    if (e != CH_OK)
        return e;
    if (!ch_unbase64(r->a, in->nonce, &nonce) || !was_offered(r->a, in, nonce))
        return refuse(r, in, &roster, "a statement that was not offered");
    int64_t age = ch_now_ms() / 1000 - ch_parse_rfc3339(in->time);
    if (age > OFFER_AGE) {
        ch_wrong(r, "/assertion", "late", "登录页面打开过久，请重新登录。");
        return ch_fail(r, CH_E_INVALID, "log-in of staff");
    }
    const struct ch_roster_key *key = who_signed(r, in, &roster, &why);
    if (key == NULL)
        return refuse(r, in, &roster, why.detail);
    const char *token = ch_session_token(r, hash);
    e = ch_run(r,
               CH_CALL(&login_open_row, ch_p_text(key->person), ch_p_bytes(CH_BYTES(nonce.p, RANDOM_BYTES)),
                       ch_p_bytes(CH_BYTES(hash, sizeof hash)), ch_p_int(r->a, SESSION_SECONDS),
                       ch_p_int(r->a, ch_conf_int(CONF_DESK_IDLE))),
               &rows);
    if (e != CH_OK)
        return e;
    const char *staff = rows.n == 1 ? ch_col(&rows, 0, "out") : NULL;
    if (staff == NULL)
        return refuse(r, in, &roster, "no member of staff, or locked out");
    ch_log(CH_INFO, r->id, "log-in of %s from %s", key->name, ch_fcgi(r, "REMOTE_ADDR"));
    ch_session_start(r, "desk", token, SESSION_SECONDS);
    return login_answer(r, staff);
}
