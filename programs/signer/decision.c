/* SPDX-License-Identifier: Apache-2.0
 * Follows the roster, and checks the decisions about an order. */
#include "programs/signer/decision.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/desk/anchor.h"
#include "core/desk/kept.h"
#include "core/form/form.h"
#include "core/passkey/statement.h"
#include "core/pki/csr.h"
#include "programs/signer/keystore.h"
#include "programs/signer/used.h"

#include <string.h>

/* ---- the roster ---- */

enum ch_err decision_roster(const struct signer *s, struct ch_arena *a, const struct ch_webauthn_site *site,
                            struct ch_roster *out, struct ch_fault *f)
{
    struct ch_rows rows;

    enum ch_err e = ch_anchor_read(a, f, out);
    if (e != CH_OK)
        return e;
    int64_t version = out->version;
    e = ch_db_one(s->db, a, f, CH_CALL(&signer_rosters, ch_p_int(a, version)), &rows);
    if (e == CH_OK)
        e = ch_anchor_follow(a, f, site, &rows, out);
    if (e == CH_OK && out->version > version) {
        ch_log(CH_INFO, NULL, "roster %lld is in force", (long long)out->version);
        if (out->emergency != NULL)
            ch_log(CH_WARN, NULL, "roster %lld is an emergency roster: three persons have put it, and no two officers",
                   (long long)out->version);
        if (!keystore_text_replace(a, ch_conf(CONF_ROSTER), CH_ANCHOR_FILE, out->text))
            return ch_fault(f, CH_E_INTERNAL, "the roster cannot be written");
    }
    return e;
}

bool decision_anchor(const char *dir, FILE *in)
{
    struct ch_arena *a = ch_arena_new();
    char *p = ch_alloc(a, CH_ROSTER_MAX + 1);
    struct ch_bytes text = CH_BYTES(p, fread(p, 1, CH_ROSTER_MAX + 1, in));
    struct ch_roster r;
    struct ch_fault f = {0};

    bool ok = ch_roster_read(a, &f, text, &r) == CH_OK && r.version == 1;
    if (!ok)
        ch_log(CH_ERROR, NULL, "%s", f.detail[0] != '\0' ? f.detail : "roster: not the first version");
    ok = ok && keystore_text_write(a, ch_conf(CONF_ROSTER), CH_ANCHOR_FILE, ch_strndup(a, text.p, text.n)) &&
         keystore_record(a, dir,
                         ch_printf(a, "\n名册：%s，第 %lld 版，%zu 把安全密钥，SHA-256 %s\n",
                                   ch_rfc3339(a, ch_now_ms() / 1000), (long long)r.version, r.n, r.digest));
    ch_arena_free(a);
    return ok;
}

/* ---- the statement ---- */

static enum ch_err write_item(struct ch_arena *a, const struct order *o, const struct order_item *i,
                              struct ch_statement_item *out, struct ch_fault *f)
{
    const struct ch_subject subject = order_names(a, o, i);
    struct ch_csr csr = {0};

    *out = (struct ch_statement_item){
        .number = i->number,
        .profile = i->profile->kind,
        .pair = i->pair != NULL,
        .unit_name = subject.unit_name,
        .unit_code = subject.unit_code,
        .seal_name = i->seal_name,
        .holder_name = subject.person_name,
        .years = i->years,
        .until = i->keep_end > 0 ? ch_rfc3339(a, i->keep_end) : NULL,
        .medium = i->medium,
        .token = i->token,
    };
    if (!i->token)
        return CH_OK;
    enum ch_err e = ch_csr_read(a, i->request, o->algorithm, &csr, f);
    if (e == CH_OK)
        out->request = ch_hex(a, CH_BYTES(csr.public_sha256, CH_SHA256_BYTES));
    return e;
}

static enum ch_err write_statement(struct ch_arena *a, const struct order *o, struct ch_statement *out, struct ch_fault *f)
{
    struct ch_statement_item *items = ch_alloc_array(a, o->n, sizeof *items);
    enum ch_err e = CH_OK;

    for (size_t i = 0; e == CH_OK && i < o->n; i++)
        e = write_item(a, o, &o->items[i], &items[i], f);
    *out = (struct ch_statement){.order = o->id,
                                 .number = o->number,
                                 .ca = o->ca,
                                 .form = ch_form_digest(a, o->id, o->form),
                                 .papers = o->papers,
                                 .items = items,
                                 .n = o->n};
    return e;
}

/* ---- the decisions ---- */

/* What the decisions are checked with. */
struct check {
    struct signer *s;
    struct ch_arena *a;
    const struct order *order;
    const struct ch_webauthn_site *site;
    const struct ch_roster *roster;
    const struct ch_rows *rows;     /* of statement signer_decisions */
    struct ch_statement *statement; /* lacks who decides what and when */
    struct ch_fault *f;
};

/* Has the decision `d` made again: `why` is what staff read, the fault's detail is for the log. */
static enum ch_err refuse(struct signer *s, struct ch_arena *a, const char *order, enum ch_decision what,
                          const struct decision *d, const char *why, struct ch_fault *f)
{
    struct ch_fault of_database = {0};
    enum ch_err e = ch_db_one(s->db, a, &of_database,
                              CH_CALL(&signer_decision_refused, ch_p_text(order), ch_p_text(ch_decision_word(what)),
                                      ch_p_text(d->id), ch_p_text(why)),
                              NULL);

    if (e == CH_OK) {
        f->code = CH_E_CONFLICT;
        return CH_E_CONFLICT;
    }
    *f = of_database;
    return e;
}

static enum ch_err refuse_saying(const struct check *c, enum ch_decision what, const struct decision *d,
                                 const char *why, const char *detail)
{
    (void)ch_fault(c->f, CH_E_CONFLICT, "%s: %s", ch_decision_word(what), detail);
    return refuse(c->s, c->a, c->order->id, what, d, why, c->f);
}

/* Checks the decision of this kind. */
static enum ch_err check_one(const struct check *c, enum ch_decision what, struct decision *out)
{
    int row = 0;

    *out = (struct decision){0};
    while (row < c->rows->n && strcmp(ch_col_text(c->rows, row, "what"), ch_decision_word(what)) != 0)
        row++;
    if (row == c->rows->n)
        return refuse_saying(c, what, out, "没有用安全密钥签署的决定。", "there is no decision");
    out->id = ch_col_text(c->rows, row, "id");
    struct ch_signed given = ch_kept_signed(c->rows, c->a, row);
    const struct ch_roster_key *key = ch_roster_find(c->roster, given.assertion.credential);
    if (key == NULL || strcmp(key->person, ch_col_text(c->rows, row, "staff")) != 0)
        return refuse_saying(c, what, out, "签署所用的安全密钥不在现行名册中，或不是签署人的。",
                             "the key is not in the roster for this person");
    out->person = key->person;
    out->time = ch_col_int(c->rows, row, "decided_at");
    c->statement->decision = what;
    c->statement->person = key->person;
    c->statement->name = key->name;
    c->statement->time = ch_rfc3339(c->a, out->time);
    out->statement = ch_statement_text(c->a, c->statement);
    const char *kept = ch_col(c->rows, row, "statement");
    if (kept == NULL || strcmp(kept, out->statement) != 0)
        return refuse_saying(c, what, out, "签署之后，业务单、资料、项目或签署人在名册中的姓名有改动。",
                             "what was signed is not what would be issued");
    if (ch_roster_signer(c->a, c->f, c->roster, c->site, ch_decision_roles(what), out->statement, &given) == NULL)
        return refuse(c->s, c->a, c->order->id, what, out, "签名不正确，或签署人没有这项权限。", c->f);
    return CH_OK;
}

static enum ch_err check_both(const struct check *c, struct decision *out)
{
    struct decision approval;

    enum ch_err e = check_one(c, CH_DECISION_APPROVE, &approval);
    if (e == CH_OK)
        e = check_one(c, CH_DECISION_PRODUCE, out);
    if (e != CH_OK)
        return e;
    if (strcmp(approval.person, out->person) == 0)
        return refuse_saying(c, CH_DECISION_PRODUCE, out, "审核和制证是同一人签署的。", "one person has decided twice");
    if (out->time + USED_AGE < ch_now_ms() / 1000)
        return refuse_saying(c, CH_DECISION_PRODUCE, out, "签署已超过 31 天。", "the decision is too old");
    return CH_OK;
}

enum ch_err decision_check(struct signer *s, struct ch_arena *a, const struct order *o, struct decision *out,
                           struct ch_fault *f)
{
    const struct ch_webauthn_site site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_statement statement;
    struct ch_roster roster;
    struct ch_rows rows;

    enum ch_err e = decision_roster(s, a, &site, &roster, f);
    if (e == CH_OK)
        e = write_statement(a, o, &statement, f);
    if (e == CH_OK)
        e = ch_db_one(s->db, a, f, CH_CALL(&signer_decisions, ch_p_text(o->id)), &rows);
    const struct check c = {
        .s = s, .a = a, .order = o, .site = &site, .roster = &roster, .rows = &rows, .statement = &statement, .f = f};
    return e == CH_OK ? check_both(&c, out) : e;
}

enum ch_err decision_use(struct signer *s, struct ch_arena *a, const struct order *o, const struct decision *d,
                         struct ch_bytes what, struct ch_fault *f)
{
    enum ch_err e = used_take(a, ch_conf(CONF_SIGNER_KEYS), CH_BYTES(d->statement, strlen(d->statement)), d->time, what, f);

    return e == CH_E_CONFLICT ? refuse(s, a, o->id, CH_DECISION_PRODUCE, d, "这份签署已经用过。", f) : e;
}
