/* SPDX-License-Identifier: Apache-2.0
 * Offers an act to be signed, and takes the signed one. */
#include "core/desk/act.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/desk/signing.h"

#include <string.h>

#define PLACE "act.statement"

/* An act as it is signed. */
struct signed_act {
    struct ch_act act;
    struct ch_signing signing;
    struct ch_act_statement statement; /* its time is missing */
};

static enum ch_err read_act(struct ch_req *r, const struct ch_act_kind *kind, struct signed_act *out)
{
    enum ch_err e = kind->read(r, &out->act);
    if (e == CH_OK)
        e = ch_need_row(r, &out->act.facts);
    if (e == CH_OK)
        e = ch_signing_open(r, &out->act.facts, &out->signing);
    if (e != CH_OK)
        return e;
    out->statement = ch_act_statement_of(r->a, &out->act);
    out->statement.person = out->signing.mine->person;
    out->statement.name = out->signing.mine->name;
    return CH_OK;
}

enum ch_err ch_act_offer(struct ch_req *r, const struct ch_act_kind *kind)
{
    struct signed_act s;

    enum ch_err e = read_act(r, kind, &s);
    if (e != CH_OK)
        return e;
    s.statement.time = ch_signing_time(r, &s.signing);
    return ch_signing_offer(r, &s.signing, s.statement.time, ch_act_text(r->a, &s.statement));
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

enum ch_err ch_act_take(struct ch_req *r, const struct ch_act_kind *kind)
{
    const struct ch_json *decision = *(const struct ch_json *const *)((const char *)r->in + kind->decision);
    struct ch_signature given;
    struct signed_act s;

    enum ch_err e = ch_signing_read(r, decision, &given);
    if (e == CH_OK)
        e = read_act(r, kind, &s);
    if (e != CH_OK)
        return e;
    s.statement.time = given.time;
    const char *text = ch_act_text(r->a, &s.statement);
    e = ch_signing_check(r, &s.signing, s.act.roles, text, &given);
    if (e != CH_OK)
        return e;
    s.act.signed_act = ch_p_text(row_of(r, text, &given));
    return kind->carry_out(r, &s.act);
}
