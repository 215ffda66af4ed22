/* SPDX-License-Identifier: Apache-2.0
 * The register of holds, releases and revocations: the list, one row with the texts that people have written, and the decision of
 * the second person. */
#include "modules/registry/registry.h"

#include "core/form/person.h"

#include <string.h>

static enum ch_err read_revocation_list(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out)
{
    return ch_run_text(r,
                       CH_CALL(&registry_revocations_json, ch_query_filter(r, "state"), ch_query_filter(r, "kind"),
                               ch_query_filter(r, "way"), registry_typed_serial(r), after, page_size),
                       out);
}

enum ch_err registry_revocations(struct ch_req *r)
{
    const char *out;
    enum ch_err e = read_revocation_list(r, ch_query_filter(r, "after"), ch_desk_page_size(r, 20), &out);

    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static const struct ch_desk_column columns[] = {
    {"证书序列号", ch_desk_put_text, "serial"},     {"证书主体", ch_desk_put_text, "subject"},
    {"业务单号", ch_desk_put_text, "order_number"}, {"事项", ch_desk_put_text, "kind_name"},
    {"原因", ch_desk_put_text, "reason_name"},      {"途径", ch_desk_put_text, "way_name"},
    {"申请人", ch_desk_put_text, "asked_by"},       {"申请时间", ch_desk_put_text, "asked_at"},
    {"状态", ch_desk_put_text, "state_name"},       {"确认人", ch_desk_put_text, "decided_by"},
    {"办结时间", ch_desk_put_text, "ended_at"},
};

enum ch_err registry_revocations_csv(struct ch_req *r)
{
    return ch_desk_csv_reply_all(r, "revocations.csv", columns, CH_COUNT(columns), read_revocation_list);
}

/* Writes the decrypted text of a column as a member; null when the column is empty. */
static enum ch_err put_encrypted(struct ch_req *r, struct ch_jw *w, const char *name, const char *place, const char *id,
                                 struct ch_bytes encrypted)
{
    const char *text = NULL;

    enum ch_err e = ch_decrypt_text(r, place, id, encrypted, &text);
    if (e == CH_OK)
        ch_jw_text(w, name, text);
    return e;
}

enum ch_err registry_revocation_reply(struct ch_req *r, const char *id, const struct ch_rows *rows)
{
    struct ch_jw w;

    if (rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这项申请。");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_members(&w, ch_col(rows, 0, "out"));
    ch_jw_text(&w, "role_label", ch_person_label(ch_col(rows, 0, "role")));
    enum ch_err e = put_encrypted(r, &w, "note", REGISTRY_NOTE, id, ch_col_bytes(rows, r->a, 0, "note"));
    if (e == CH_OK)
        e = put_encrypted(r, &w, "answer", REGISTRY_ANSWER, id, ch_col_bytes(rows, r->a, 0, "answer"));
    ch_jw_end_object(&w);
    return e == CH_OK ? ch_reply_json(r, 200, ch_jw_done(&w)) : e;
}

enum ch_err registry_revocation(struct ch_req *r)
{
    struct ch_rows rows;
    const char *id = ch_var(r, "id");

    enum ch_err e = ch_run(r, CH_CALL(&registry_revocation_read, ch_p_text(id)), &rows);
    return e == CH_OK ? registry_revocation_reply(r, id, &rows) : e;
}

/* Records a decision about a revocation; `words` is the answer to the person who has asked, or NULL. */
static enum ch_err decide_revocation(struct ch_req *r, const char *verdict, const char *words, struct ch_param signed_act)
{
    const char *id = ch_var(r, "id");

    struct ch_param answer = ch_p_null();
    if (words != NULL)
        answer = ch_p_bytes(ch_encrypt(ch_ring(), r->a, REGISTRY_ANSWER, id, CH_BYTES(words, strlen(words))));
    const struct ch_call calls[] = {
        CH_CALL(&registry_revocation_decide, ch_p_text(id), ch_p_text(verdict), answer, signed_act),
        CH_CALL(&registry_revocation_read, ch_p_text(id)),
    };
    struct ch_rows rows[CH_COUNT(calls)];
    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? registry_revocation_reply(r, id, &rows[1]) : e;
}

static const struct ch_field confirm_fields[] = {
    CH_IN_DECISION(struct registry_confirm_in),
};
const struct ch_input registry_confirm_body = CH_INPUT(struct registry_confirm_in, confirm_fields);

/* The second person signs the words of the first one, too. */
static enum ch_err read_confirm(struct ch_req *r, struct ch_act *act)
{
    const char *id = ch_var(r, "id"), *note = NULL;
    struct ch_rows facts;

    enum ch_err e = ch_run_row(r, CH_CALL(&registry_confirm_facts, ch_p_text(id)), &facts);
    if (e == CH_OK)
        e = ch_decrypt_text(r, REGISTRY_NOTE, id, ch_col_bytes(&facts, r->a, 0, "note"), &note);
    if (e == CH_OK) {
        *act = ch_act_revocation_confirmed(r->a, note);
        act->facts = facts;
    }
    return e;
}

static enum ch_err confirm_revocation(struct ch_req *r, const struct ch_act *act)
{
    return decide_revocation(r, "done", NULL, act->signed_act);
}

static const struct ch_act_kind confirmation = CH_ACT_KIND(struct registry_confirm_in, read_confirm, confirm_revocation);

enum ch_err registry_confirm_statement(struct ch_req *r)
{
    return ch_act_offer(r, &confirmation);
}

enum ch_err registry_revocation_confirm(struct ch_req *r)
{
    return ch_act_take(r, &confirmation);
}

enum ch_err registry_revocation_refuse(struct ch_req *r)
{
    const struct ch_words_in *in = r->in;
    return decide_revocation(r, "refused", in->note, ch_p_null());
}

enum ch_err registry_revocation_withdraw(struct ch_req *r)
{
    return decide_revocation(r, "withdrawn", NULL, ch_p_null());
}
