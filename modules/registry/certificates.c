/* SPDX-License-Identifier: Apache-2.0
 * Certificates for staff: one person finds them, holds them after a call and releases them, or asks for a revocation, which a
 * second person must confirm. */
#include "modules/registry/registry.h"

#include "core/base/random.h"
#include "core/form/rule.h"

#include <string.h>

static const char *rule_reason(const char *s)
{
    static const char *const reasons[] = {"key_compromise", "affiliation_changed", "superseded",
                                          "cessation",      "privilege_withdrawn", "unspecified"};

    for (size_t i = 0; i < CH_COUNT(reasons); i++)
        if (strcmp(reasons[i], s) == 0)
            return NULL;
    return "请选择吊销原因。";
}

static const struct ch_field revoke_fields[] = {
    CH_IN_TEXT(struct registry_revoke_in, reason, CH_REQUIRED, 1, 32, rule_reason),
    CH_IN_TEXT(struct registry_revoke_in, note, CH_REQUIRED, 4, 500, ch_rule_name),
    CH_IN_DECISION(struct registry_revoke_in),
};
const struct ch_input registry_revoke_asked = CH_INPUT_BUT_LAST(struct registry_revoke_in, revoke_fields);
const struct ch_input registry_revoke_body = CH_INPUT(struct registry_revoke_in, revoke_fields);

struct ch_param registry_typed_serial(struct ch_req *r)
{
    const char *typed = ch_query(r, "serial");
    return ch_p_text(typed != NULL && *typed != '\0' ? ch_serial_bare(r->a, typed) : NULL);
}

enum ch_err registry_certificates(struct ch_req *r)
{
    const char *out;
    enum ch_err e =
        ch_run_text(r,
                    CH_CALL(&registry_certificates_find, registry_typed_serial(r), ch_query_filter(r, "unit"),
                            ch_query_filter(r, "number"), ch_query_filter(r, "after"), ch_desk_page_size(r, 20)),
                    &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

/* A new row of the register, with its encrypted note. */
struct entry {
    const char *id;
    struct ch_bytes note;
};

static struct entry new_entry(struct ch_req *r, const char *note)
{
    char *id = ch_uuid7(r->a);
    return (struct entry){id, ch_encrypt(ch_ring(), r->a, REGISTRY_NOTE, id, CH_BYTES(note, strlen(note)))};
}

/* Runs the event that makes the row, and answers with the row. */
static enum ch_err enter_in_register(struct ch_req *r, const struct entry *entry, struct ch_call event)
{
    const struct ch_call calls[] = {event, CH_CALL(&registry_revocation_read, ch_p_text(entry->id))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? registry_revocation_reply(r, entry->id, &rows[1]) : e;
}

static enum ch_err read_revoke(struct ch_req *r, struct ch_act *act)
{
    const struct registry_revoke_in *in = r->in;

    *act = ch_act_revocation_asked(r->a, in->note);
    return ch_run(r, CH_CALL(&registry_revoke_facts, ch_p_text(ch_var(r, "id")), ch_p_text(in->reason)), &act->facts);
}

static enum ch_err ask_to_revoke(struct ch_req *r, const struct ch_act *act)
{
    const struct registry_revoke_in *in = r->in;
    const struct entry entry = new_entry(r, in->note);

    return enter_in_register(r, &entry,
                             CH_CALL(&registry_revocation_ask, ch_p_text(entry.id), ch_p_text(ch_var(r, "id")),
                                     ch_p_text(in->reason), ch_p_bytes(entry.note), act->signed_act));
}

static const struct ch_act_kind revoke = CH_ACT_KIND(struct registry_revoke_in, read_revoke, ask_to_revoke);

enum ch_err registry_revoke_statement(struct ch_req *r)
{
    return ch_act_offer(r, &revoke);
}

enum ch_err registry_revoke(struct ch_req *r)
{
    return ch_act_take(r, &revoke);
}

/* A hold and a release need no second person. */
static enum ch_err enter_at_once(struct ch_req *r, const struct ch_stmt *event)
{
    const struct ch_words_in *in = r->in;
    const char *id = ch_var(r, "id");

    const struct entry entry = new_entry(r, in->note);
    return enter_in_register(r, &entry, CH_CALL(event, ch_p_text(entry.id), ch_p_text(id), ch_p_bytes(entry.note)));
}

enum ch_err registry_hold(struct ch_req *r)
{
    return enter_at_once(r, &registry_hold_row);
}

enum ch_err registry_release(struct ch_req *r)
{
    return enter_at_once(r, &registry_release_row);
}
