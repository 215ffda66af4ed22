/* SPDX-License-Identifier: Apache-2.0
 * Offers a statement to be signed, and checks the signature that comes back. */
#include "core/desk/signing.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"

#include <string.h>

/* A statement older than this, in seconds, is offered anew. */
#define STATEMENT_AGE 1800
#define CLOCKS_APART 300

static const struct ch_roster_key *key_of(const struct ch_roster *r, const char *person)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->keys[i].person, person) == 0)
            return &r->keys[i];
    return NULL;
}

enum ch_err ch_signing_open(struct ch_req *r, const struct ch_rows *rows, struct ch_signing *out)
{
    const char *roster = ch_col(rows, 0, "roster");

    *out = (struct ch_signing){0};
    if (roster == NULL)
        return ch_fail_say(r, CH_E_CONFLICT, "还没有启用安全密钥名册，请联系安全员。");
    enum ch_err e = ch_roster_read(r->a, &r->fault, CH_BYTES(roster, strlen(roster)), &out->roster);
    if (e != CH_OK)
        return ch_fail(r, CH_E_INTERNAL, "%s", r->fault.detail);
    out->mine = key_of(&out->roster, ch_col_text(rows, 0, "person"));
    if (out->mine == NULL)
        return ch_fail_say(r, CH_E_CONFLICT, "您的安全密钥还没有登记，请在“安全密钥”页登记，由安全员加入名册后再办理。");
    out->after = ch_col_int(rows, 0, "after");
    return CH_OK;
}

const char *ch_signing_time(struct ch_req *r, const struct ch_signing *s)
{
    int64_t now = ch_now_ms() / 1000;

    return ch_rfc3339(r->a, now > s->after ? now : s->after + 1);
}

void ch_signing_write_offer(struct ch_jw *w, struct ch_req *r, const struct ch_signing *s, const char *time,
                            const ch_tray_hash root)
{
    ch_jw_text(w, "time", time);
    ch_jw_text(w, "challenge", root != NULL ? ch_base64url(r->a, CH_BYTES(root, sizeof(ch_tray_hash))) : NULL);
    ch_jw_array(w, "credentials");
    for (size_t i = 0; i < s->roster.n; i++)
        if (strcmp(s->roster.keys[i].person, s->mine->person) == 0)
            ch_jw_text(w, NULL, ch_base64url(r->a, s->roster.keys[i].credential));
    ch_jw_end_array(w);
    ch_jw_text(w, "rp_id", ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN)).rp_id);
}

enum ch_err ch_signing_offer(struct ch_req *r, const struct ch_signing *s, const char *time, const char *text)
{
    ch_tray_hash leaf;
    struct ch_jw w;

    ch_tray_leaf(CH_BYTES(text, strlen(text)), leaf);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "statement", text);
    ch_signing_write_offer(&w, r, s, time, leaf);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

/* Reads the place on the tray; without one the statement was signed alone. */
static bool read_place(struct ch_arena *a, const struct ch_json *decision, struct ch_signed *out)
{
    const char *path = ch_json_text(decision, "path");
    int64_t leaves = 1, at = 0;

    if (ch_json_get(decision, "leaves") != NULL &&
        (!ch_json_int(decision, "leaves", &leaves) || !ch_json_int(decision, "at", &at) || path == NULL))
        return false;
    if (leaves < 1 || leaves > CH_TRAY_MAX || at < 0 || at >= leaves)
        return false;
    out->leaves = (size_t)leaves;
    out->at = (size_t)at;
    out->path = CH_LIT("");
    return path == NULL || ch_unbase64(a, path, &out->path);
}

static enum ch_err wrong(struct ch_req *r, const char *code, const char *sentence)
{
    ch_wrong(r, "/decision", code, sentence);
    return ch_fail(r, CH_E_INVALID, "decision");
}

static bool is_recent(int64_t seconds)
{
    int64_t age = ch_now_ms() / 1000 - seconds;
    return age <= STATEMENT_AGE && age >= -CLOCKS_APART;
}

enum ch_err ch_signing_read(struct ch_req *r, const struct ch_json *decision, struct ch_signature *out)
{
    const char *time = ch_json_text(decision, "time");

    *out = (struct ch_signature){0};
    if (time == NULL || !ch_assertion_read(r->a, decision, &out->given.assertion) ||
        !read_place(r->a, decision, &out->given))
        return wrong(r, "shape", "签署结果不完整，请重新签署。");
    int64_t seconds = ch_parse_rfc3339(time);
    if (!is_recent(seconds))
        return wrong(r, "late", "签署的内容已过期，请重新签署。");
    out->time = ch_rfc3339(r->a, seconds);
    return CH_OK;
}

enum ch_err ch_signing_check(struct ch_req *r, const struct ch_signing *s, const char *const *roles, const char *text,
                             const struct ch_signature *given)
{
    struct ch_webauthn_site site = ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_fault why = {0};

    const struct ch_roster_key *key = ch_roster_signer(r->a, &why, &s->roster, &site, roles, text, &given->given);
    if (key != NULL && strcmp(key->person, s->mine->person) == 0)
        return CH_OK;
    ch_log(CH_WARN, r->id, "a signed statement does not verify: %s", key == NULL ? why.detail : "another person's key");
    return wrong(r, "signature", "签署的内容与现在要办理的不一致，或不是您的安全密钥，请刷新页面后重新签署。");
}

static void write_bytes(struct ch_jw *w, struct ch_arena *a, const char *column, struct ch_bytes bytes)
{
    ch_jw_text(w, column, ch_printf(a, "\\x%s", ch_hex(a, bytes)));
}

void ch_signing_write(struct ch_jw *w, struct ch_arena *a, const struct ch_signature *given)
{
    const struct ch_signed *s = &given->given;

    ch_jw_text(w, "decided_at", given->time);
    write_bytes(w, a, "credential", s->assertion.credential);
    write_bytes(w, a, "client_data", s->assertion.client_data);
    write_bytes(w, a, "authenticator_data", s->assertion.authenticator_data);
    write_bytes(w, a, "signature", s->assertion.signature);
    ch_jw_int(w, "leaves", (int64_t)s->leaves);
    ch_jw_int(w, "place", (int64_t)s->at);
    write_bytes(w, a, "path", s->path);
}
