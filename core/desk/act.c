/* SPDX-License-Identifier: Apache-2.0
 * Offers an act to be signed, and takes the signed one. */
#include "core/desk/act.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/desk/signing.h"

#include <string.h>

#define PLACE "act.statement"

/* Everything about the act but its time. */
struct facts {
    struct ch_signing signing;
    struct ch_act_statement statement;
};

static enum ch_err read_facts(struct ch_req *r, const struct ch_act *act, struct facts *out)
{
    const struct ch_rows *rows = &act->facts;

    enum ch_err e = ch_need_row(r, rows);
    if (e == CH_OK)
        e = ch_signing_open(r, rows, &out->signing);
    if (e != CH_OK)
        return e;
    out->statement = ch_act_statement_of(r->a, act);
    out->statement.person = out->signing.mine->person;
    out->statement.name = out->signing.mine->name;
    return CH_OK;
}

enum ch_err ch_act_offer(struct ch_req *r, const struct ch_act *act)
{
    struct facts f;

    enum ch_err e = read_facts(r, act, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = ch_signing_time(r, &f.signing);
    return ch_signing_offer(r, &f.signing, f.statement.time, ch_act_text(r->a, &f.statement));
}

/* The act as a row of hall.act. What the person has typed may be about people, so the statement is encrypted. */
static const char *row_of(struct ch_req *r, const char *text, const struct ch_signature *given)
{
    const char *id = ch_uuid7(r->a);
    struct ch_bytes encrypted = ch_encrypt(ch_ring(), r->a, PLACE, id, CH_BYTES(text, strlen(text)));
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "id", id);
    ch_jw_text(&w, "statement", ch_printf(r->a, "\\x%s", ch_hex(r->a, encrypted)));
    ch_signing_write(&w, r->a, given);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err ch_act_take(struct ch_req *r, const struct ch_act *act, const struct ch_json *decision, struct ch_param *out)
{
    struct ch_signature given;
    struct facts f;

    enum ch_err e = ch_signing_read(r, decision, &given);
    if (e == CH_OK)
        e = read_facts(r, act, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = given.time;
    const char *text = ch_act_text(r->a, &f.statement);
    e = ch_signing_check(r, &f.signing, act->roles, text, &given);
    if (e == CH_OK)
        *out = ch_p_text(row_of(r, text, &given));
    return e;
}
