/* SPDX-License-Identifier: Apache-2.0
 * Follows the roster, and checks the decisions about an order. */
#include "programs/signer/decision.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/form/form.h"
#include "core/passkey/roster.h"
#include "core/pki/csr.h"
#include "programs/signer/keystore.h"
#include "programs/signer/used.h"

#include <string.h>

/* ---- the roster ---- */

static enum ch_err follow_one(struct ch_arena *a, const struct ch_webauthn_site *site, struct ch_bytes text,
                              const char *signatures, struct ch_roster *now, struct ch_fault *f)
{
    struct ch_assertion by[2];
    struct ch_roster next;

    if (!ch_roster_signatures(a, signatures, by))
        return ch_fault(f, CH_E_INVALID, "roster: not two signatures");
    enum ch_err e = ch_roster_read(a, f, text, &next);
    if (e == CH_OK)
        e = ch_roster_follows(a, f, now, &next, site, by);
    if (e == CH_OK)
        *now = next;
    return e;
}

/* The roster of the signer's folder, and those that the database has behind it. One that does not follow is an error: somebody has
 * written to the database past the command, so nothing is issued until an operator has looked. */
static enum ch_err read_roster(const struct signer *s, struct ch_arena *a, const struct ch_webauthn_site *site,
                               struct ch_roster *out, struct ch_fault *f)
{
    const char *dir = ch_conf(CONF_SIGNER_KEYS);
    struct ch_bytes kept = keystore_text_read(a, dir, DECISION_ROSTER);
    struct ch_rows rows;

    if (kept.n == 0)
        return ch_fault(f, CH_E_INVALID, "there is no roster: certhall-signer roster FILE takes in the first");
    enum ch_err e = ch_roster_read(a, f, kept, out);
    if (e != CH_OK)
        return e;
    int64_t version = out->version;
    e = ch_db_one(s->db, a, f, CH_CALL(&signer_rosters, ch_p_int(a, version)), &rows);
    for (int i = 0; e == CH_OK && i < rows.n; i++) {
        const char *text = ch_col_text(&rows, i, "text");
        e = follow_one(a, site, CH_BYTES(text, strlen(text)), ch_col(&rows, i, "signatures"), out, f);
    }
    if (e == CH_OK && out->version > version) {
        ch_log(CH_INFO, NULL, "roster %lld is in force", (long long)out->version);
        if (!keystore_text_replace(a, dir, DECISION_ROSTER, out->text))
            return ch_fault(f, CH_E_INTERNAL, "the roster cannot be written");
    }
    return e;
}

bool decision_anchor(const char *dir, const char *file)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_bytes text = keystore_text_read(a, file[0] == '/' ? "" : ".", file);
    struct ch_roster r;
    struct ch_fault f = {0};

    bool ok = ch_roster_read(a, &f, text, &r) == CH_OK && r.version == 1;
    if (!ok)
        ch_log(CH_ERROR, NULL, "%s: %s", file, f.detail[0] != '\0' ? f.detail : "not the first version");
    ok = ok && keystore_text_write(a, dir, DECISION_ROSTER, ch_strndup(a, text.p, text.n)) &&
         keystore_record(a, dir,
                         ch_printf(a, "\n名册：%s，第 %lld 版，%zu 把安全密钥，SHA-256 %s\n",
                                   ch_rfc3339(a, ch_now_ms() / 1000), (long long)r.version, r.n, r.digest));
    ch_arena_free(a);
    return ok;
}

/* ---- the statement ---- */

static enum ch_err write_item(struct ch_arena *a, const struct order_item *i, const struct ch_json *form,
                              const char *algorithm, struct ch_statement_item *out, struct ch_fault *f)
{
    struct ch_subject subject;
    struct ch_csr csr = {0};

    order_names(a, form, i, &subject);
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
    enum ch_err e = ch_csr_read(a, i->request, algorithm, &csr, f);
    if (e == CH_OK)
        out->request = ch_hex(a, CH_BYTES(csr.public_sha256, CH_SHA256_BYTES));
    return e;
}

static enum ch_err write_statement(struct signer *s, struct ch_arena *a, const struct order *o,
                                   struct ch_statement *out, struct ch_fault *f)
{
    struct ch_statement_item *items = ch_alloc_array(a, o->n, sizeof *items);
    struct ch_json *form;

    enum ch_err e = order_form(s, a, o, &form, f);
    for (size_t i = 0; e == CH_OK && i < o->n; i++)
        e = write_item(a, &o->items[i], form, o->algorithm, &items[i], f);
    if (e != CH_OK)
        return e;
    *out = (struct ch_statement){.order = o->id,
                                 .number = o->number,
                                 .form = ch_form_digest(a, o->id, form),
                                 .papers = o->papers,
                                 .items = items,
                                 .n = o->n};
    return CH_OK;
}

/* ---- the decisions ---- */

static struct ch_signed read_signed(const struct ch_rows *rows, struct ch_arena *a, int row)
{
    return (struct ch_signed){
        .assertion = {.credential = ch_col_bytes(rows, a, row, "credential"),
                      .client_data = ch_col_bytes(rows, a, row, "client_data"),
                      .authenticator_data = ch_col_bytes(rows, a, row, "authenticator_data"),
                      .signature = ch_col_bytes(rows, a, row, "signature")},
        .leaves = (size_t)ch_col_int(rows, row, "leaves"),
        .at = (size_t)ch_col_int(rows, row, "place"),
        .path = ch_col_bytes(rows, a, row, "path"),
    };
}

/* The key that has signed the decision of this kind; `statement` lacks who and when. */
static const struct ch_roster_key *check_one(struct ch_arena *a, const struct ch_roster *roster,
                                             const struct ch_webauthn_site *site, const struct ch_rows *rows,
                                             enum ch_decision what, struct ch_statement *statement,
                                             struct decision *out, struct ch_fault *f)
{
    int row = 0;

    while (row < rows->n && strcmp(ch_col_text(rows, row, "what"), ch_decision_word(what)) != 0)
        row++;
    if (row == rows->n) {
        (void)ch_fault(f, CH_E_INVALID, "there is no decision: %s", ch_decision_word(what));
        return NULL;
    }
    struct ch_signed given = read_signed(rows, a, row);
    const struct ch_roster_key *key = ch_roster_find(roster, given.assertion.credential);
    if (key == NULL || strcmp(key->person, ch_col_text(rows, row, "staff")) != 0) {
        (void)ch_fault(f, CH_E_INVALID, "%s: the key is not in the roster for this person", ch_decision_word(what));
        return NULL;
    }
    out->time = ch_col_int(rows, row, "decided_at");
    statement->decision = what;
    statement->person = key->person;
    statement->name = key->name;
    statement->time = ch_rfc3339(a, out->time);
    out->statement = ch_statement_text(a, statement);
    const char *kept = ch_col(rows, row, "statement");
    if (kept == NULL || strcmp(kept, out->statement) != 0) {
        (void)ch_fault(f, CH_E_INVALID, "%s: what was signed is not what would be issued", ch_decision_word(what));
        return NULL;
    }
    return ch_roster_signer(a, f, roster, site, what, out->statement, &given);
}

enum ch_err decision_check(struct signer *s, struct ch_arena *a, const struct order *o, struct decision *out,
                           struct ch_fault *f)
{
    const struct ch_webauthn_site site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_statement statement;
    struct decision approval;
    struct ch_roster roster;
    struct ch_rows rows;

    enum ch_err e = read_roster(s, a, &site, &roster, f);
    if (e == CH_OK)
        e = write_statement(s, a, o, &statement, f);
    if (e == CH_OK)
        e = ch_db_one(s->db, a, f, CH_CALL(&signer_decisions, ch_p_text(o->id)), &rows);
    if (e != CH_OK)
        return e;
    const struct ch_roster_key *reviewer =
        check_one(a, &roster, &site, &rows, CH_DECISION_APPROVE, &statement, &approval, f);
    const struct ch_roster_key *producer =
        reviewer != NULL ? check_one(a, &roster, &site, &rows, CH_DECISION_PRODUCE, &statement, out, f) : NULL;
    if (producer == NULL)
        return CH_E_INVALID;
    if (strcmp(reviewer->person, producer->person) == 0)
        return ch_fault(f, CH_E_INVALID, "one person has decided twice");
    if (out->time + USED_AGE < ch_now_ms() / 1000)
        return ch_fault(f, CH_E_INVALID, "the producer's decision is too old");
    return CH_OK;
}

enum ch_err decision_use(struct ch_arena *a, const struct decision *d, struct ch_bytes what, struct ch_fault *f)
{
    return used_take(a, ch_conf(CONF_SIGNER_KEYS), CH_BYTES(d->statement, strlen(d->statement)), d->time, what, f);
}
