/* SPDX-License-Identifier: Apache-2.0
 * Offers a statement to be signed, and takes the signed decision. */
#include "core/desk/decision.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/digest.h"
#include "core/form/form.h"
#include "core/form/item.h"
#include "core/order/order.h"
#include "core/passkey/roster.h"
#include "core/passkey/tray.h"
#include "decision_sql.h"

#include <string.h>

/* A statement older than this, in seconds, is offered anew. */
#define STATEMENT_AGE 1800
#define CLOCKS_APART 300

/* Everything about the decision but its time. */
struct facts {
    struct ch_roster roster;
    const struct ch_roster_key *mine; /* a key of the caller */
    struct ch_statement statement;
    int64_t after; /* the order's last decision was made at that second; 0: none was */
};

static const struct ch_roster_key *key_of(const struct ch_roster *r, const char *person)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->keys[i].person, person) == 0)
            return &r->keys[i];
    return NULL;
}

static void read_item(struct ch_arena *a, const struct ch_decision_of *d, const struct ch_rows *rows, int row,
                      const struct ch_json *form, struct ch_statement_item *out)
{
    int number = (int)ch_col_int(rows, row, "item");
    const struct ch_json *part = ch_item_part(form, number);

    *out = (struct ch_statement_item){
        .number = number,
        .profile = ch_col_text(rows, row, "profile"),
        .pair = ch_col_bool(rows, row, "pair"),
        .unit_name = ch_json_text(form, "unit_name"),
        .unit_code = ch_json_text(form, "unit_code"),
        .seal_name = ch_col(rows, row, "seal_name"),
        .holder_name = ch_json_text(part, "holder_name"),
        .years = (int)ch_col_int(rows, row, "years"),
        .until = ch_col(rows, row, "until") != NULL ? ch_rfc3339(a, ch_col_int(rows, row, "until")) : NULL,
        .medium = ch_col_text(rows, row, "medium"),
        .token = ch_col_bool(rows, row, "token"),
    };
    if (d->what == CH_DECISION_PRODUCE)
        out->request = d->request != NULL && d->item == number ? d->request : ch_col(rows, row, "request");
}

static enum ch_err read_statement(struct ch_req *r, const struct ch_decision_of *d, const struct ch_rows *rows,
                                  struct facts *out)
{
    struct ch_statement_item *items = ch_alloc_array(r->a, (size_t)rows->n, sizeof *items);
    const char *ca = ch_col(rows, 0, "ca");
    struct ch_json *form;

    enum ch_err e = ch_order_form(r, d->order, ch_col_bytes(rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    for (int i = 0; i < rows->n; i++)
        read_item(r->a, d, rows, i, form, &items[i]);
    out->statement = (struct ch_statement){
        .decision = d->what,
        .order = d->order,
        .number = ch_col_text(rows, 0, "number"),
        .person = out->mine->person,
        .name = out->mine->name,
        .ca = ca != NULL ? ca : ch_conf(CONF_CA_ALGORITHM),
        .form = ch_form_digest(r->a, d->order, form),
        .papers = ch_col_text(rows, 0, "papers"),
        .items = items,
        .n = (size_t)rows->n,
    };
    return CH_OK;
}

static enum ch_err read_facts(struct ch_req *r, const struct ch_decision_of *d, struct facts *out)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL(&decision_facts, ch_p_text(d->order), ch_p_int(r->a, d->version)), &rows);

    *out = (struct facts){0};
    if (e != CH_OK)
        return e;
    if (rows.n == 0)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单，或它现在不能办理。");
    const char *roster = ch_col(&rows, 0, "roster");
    if (roster == NULL)
        return ch_fail_say(r, CH_E_CONFLICT, "还没有启用安全密钥名册，请联系安全员。");
    e = ch_roster_read(r->a, &r->fault, CH_BYTES(roster, strlen(roster)), &out->roster);
    if (e != CH_OK)
        return ch_fail(r, CH_E_INTERNAL, "%s", r->fault.detail);
    out->mine = key_of(&out->roster, ch_col_text(&rows, 0, "person"));
    if (out->mine == NULL)
        return ch_fail_say(r, CH_E_CONFLICT, "您的安全密钥还没有登记，请在“安全密钥”页登记，由安全员加入名册后再办理。");
    out->after = ch_col_int(&rows, 0, "after");
    return read_statement(r, d, &rows, out);
}

/* The time of a statement that is offered now. No two statements about an order are of the same second, since a decision is used once,
 * and must not be taken for one that was made before. */
static int64_t offer_time(const struct facts *f)
{
    int64_t now = ch_now_ms() / 1000;

    return now > f->after ? now : f->after + 1;
}

enum ch_err ch_decision_offer(struct ch_req *r, const struct ch_decision_of *d)
{
    struct facts f;
    ch_tray_hash leaf;
    struct ch_jw w;

    enum ch_err e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = ch_rfc3339(r->a, offer_time(&f));
    const char *text = ch_statement_text(r->a, &f.statement);
    ch_tray_leaf(CH_BYTES(text, strlen(text)), leaf);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "statement", text);
    ch_jw_text(&w, "time", f.statement.time);
    ch_jw_text(&w, "challenge", ch_base64url(r->a, CH_BYTES(leaf, sizeof leaf)));
    ch_jw_array(&w, "credentials");
    for (size_t i = 0; i < f.roster.n; i++)
        if (strcmp(f.roster.keys[i].person, f.mine->person) == 0)
            ch_jw_text(&w, NULL, ch_base64url(r->a, f.roster.keys[i].credential));
    ch_jw_end_array(&w);
    ch_jw_text(&w, "rp_id", ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN)).rp_id);
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

enum ch_err ch_decision_take(struct ch_req *r, const struct ch_decision_of *d, const struct ch_json *decision,
                             struct ch_call *keep)
{
    struct ch_webauthn_site site = ch_webauthn_site(r->a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_param *p = ch_alloc_array(r->a, 11, sizeof *p);
    struct ch_fault why = {0};
    struct ch_signed given;
    struct facts f;

    const char *time = ch_json_text(decision, "time");
    if (time == NULL || !ch_assertion_read(r->a, decision, &given.assertion) || !read_place(r->a, decision, &given))
        return wrong(r, "shape", "签署结果不完整，请重新签署。");
    int64_t seconds = ch_parse_rfc3339(time);
    if (!is_recent(seconds))
        return wrong(r, "late", "签署的内容已过期，请重新签署。");
    enum ch_err e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = ch_rfc3339(r->a, seconds);
    const char *text = ch_statement_text(r->a, &f.statement);
    const struct ch_roster_key *key = ch_roster_signer(r->a, &why, &f.roster, &site, d->what, text, &given);
    bool mine = key != NULL && f.mine != NULL && strcmp(key->person, f.mine->person) == 0;
    if (!mine) {
        ch_log(CH_WARN, r->id, "a signed decision does not verify: %s", key == NULL ? why.detail : "another person's key");
        return wrong(r, "signature", "签署的内容与业务单不一致，或不是您的安全密钥，请刷新页面后重新签署。");
    }
    p[0] = ch_p_text(d->order);
    p[1] = ch_p_text(ch_decision_word(d->what));
    p[2] = ch_p_text(text);
    p[3] = ch_p_bytes(given.assertion.credential);
    p[4] = ch_p_bytes(given.assertion.client_data);
    p[5] = ch_p_bytes(given.assertion.authenticator_data);
    p[6] = ch_p_bytes(given.assertion.signature);
    p[7] = ch_p_text(f.statement.time);
    p[8] = ch_p_int(r->a, (int64_t)given.leaves);
    p[9] = ch_p_int(r->a, (int64_t)given.at);
    p[10] = ch_p_bytes(given.path);
    *keep = ch_call_of(&decision_keep, p, 11);
    return CH_OK;
}
