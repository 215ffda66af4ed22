/* SPDX-License-Identifier: Apache-2.0
 * The certificates of the account's orders, listed by unit, and the hand-over of a unit's orders to another agent. The agent
 * who gives the orders away proves the account by a code on its phone; the agent who takes them over proves the phone number
 * that was named, by a code as well. */
#include "modules/gate/input.h"

#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/form/rule.h"
#include "core/web/output.h"

#include <string.h>

enum { UNITS, CERTIFICATES, UNIT_ANSWERS };

static const struct ch_out renewal[] = {
    CH_OUT_TEXT_OF("business", "renewal_kind"),
    CH_OUT_TIME_OF("from", "renewal_from"),
    CH_OUT_BOOL_OF("open", "renewal_open"),
    CH_OUT_INT("days_left"),
    CH_OUT_END,
};

static const struct ch_out order[] = {
    CH_OUT_TEXT_OF("id", "order_id"),
    CH_OUT_TEXT("number"),
    CH_OUT_TEXT("slug"),
    CH_OUT_TEXT("project_name"),
    CH_OUT_END,
};

static const struct ch_out certificate[] = {
    CH_OUT_TEXT("serial"),
    CH_OUT_INT("item"),
    CH_OUT_TEXT("type"),
    CH_OUT_TEXT("key_use"),
    CH_OUT_TEXT("algorithm"),
    CH_OUT_TIME("not_before"),
    CH_OUT_TIME("not_after"),
    CH_OUT_TIME_OF("since", "revoked_at"),
    CH_OUT_TEXT("state"),
    CH_OUT_OBJECT_IF("renewal", "renewal_from", renewal),
    CH_OUT_TEXT("changeable"),
    CH_OUT_INT("seals"),
    CH_OUT_BOOL("published"),
    CH_OUT_OBJECT("order", order),
    CH_OUT_END,
};

/* Writes the certificates of the unit whose row is being written. */
static void put_certificates(struct ch_jw *w, const char *member, const struct ch_out_source *s)
{
    const struct ch_rows *rows = &s->answers[CERTIFICATES];
    const char *unit = ch_out_text(s, "unit");

    ch_jw_array(w, member);
    for (int i = 0; i < rows->n; i++) {
        const struct ch_out_source row = {s->answers, CERTIFICATES, i, NULL};
        if (strcmp(ch_col_text(rows, i, "unit"), unit) != 0)
            continue;
        ch_jw_object(w, NULL);
        ch_out_members(w, certificate, &row);
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

static const struct ch_out unit[] = {
    CH_OUT_TEXT("name"),
    CH_OUT_INT("orders"),
    CH_OUT_TEXT_OF("order", "given"),
    CH_OUT_CALL("certificates", put_certificates),
    CH_OUT_END,
};

static const struct ch_out units[] = {CH_OUT_ROWS("units", UNITS, unit), CH_OUT_END};

enum ch_err gate_units(struct ch_req *r)
{
    const struct ch_call calls[UNIT_ANSWERS] = {
        [UNITS] = CH_CALL0(&gate_my_units), [CERTIFICATES] = CH_CALL0(&gate_my_certificates)};
    struct ch_rows rows[UNIT_ANSWERS];

    enum ch_err e = ch_run_all(r, calls, UNIT_ANSWERS, rows);
    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, units, rows, NULL)) : e;
}

static const struct ch_out hand_over[] = {
    CH_OUT_TEXT("id"),         CH_OUT_BOOL("mine"),  CH_OUT_TEXT("state"), CH_OUT_TEXT("phone"),
    CH_OUT_TEXT("unit"),       CH_OUT_TEXT("order"), CH_OUT_INT("moved"),  CH_OUT_TIME("created_at"),
    CH_OUT_TIME("expires_at"), CH_OUT_END,
};

static const struct ch_out hand_overs[] = {CH_OUT_ROWS("items", 0, hand_over), CH_OUT_END};

enum ch_err gate_hand_overs(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(r, CH_CALL0(&gate_my_hand_overs), &rows);
    return e == CH_OK ? ch_reply_json(r, 200, ch_out_document(r->a, hand_overs, &rows, NULL)) : e;
}

enum ch_err gate_hand_over(struct ch_req *r)
{
    const struct gate_hand_over_in *in = r->in;
    const char *message = ch_uuid7(r->a), *word;
    struct gate_self self;

    if (!ch_is_uuid(in->order))
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = ch_run_text(r,
                        CH_CALL(&gate_hand_over_new, ch_p_text(ch_uuid7(r->a)), ch_p_text(in->order),
                                ch_p_bool(in->whole), gate_phone_hash(r, in->phone),
                                ch_p_text(ch_rule_mask_mobile(r->a, in->phone)), gate_code_hash(r, self.phone, in->code),
                                ch_p_text(message), gate_message(r, message, in->phone, NULL)),
                        &word);
    if (e != CH_OK)
        return e;
    return strcmp(word, "ok") == 0 ? ch_reply_empty(r) : gate_code_refused(r, "/code", word);
}

enum ch_err gate_hand_over_accept(struct ch_req *r)
{
    const struct gate_accept_in *in = r->in;
    struct gate_self self;
    struct ch_rows rows;

    enum ch_err e = gate_self_read(r, &self);
    if (e == CH_OK)
        e = ch_run_row(
            r, CH_CALL(&gate_hand_over_take, ch_p_text(ch_var(r, "id")), gate_code_hash(r, self.phone, in->code)), &rows);
    if (e != CH_OK)
        return e;
    const char *word = ch_col_text(&rows, 0, "word");
    return strcmp(word, "ok") == 0 ? ch_reply_out(r, 200, &rows) : gate_code_refused(r, "/code", word);
}
