/* SPDX-License-Identifier: Apache-2.0
 * The clerk's decision, signed with their passkey: the person at the counter is who the form says, as the original of the card shows, or not. */
#include "modules/counter/counter.h"

#include "core/base/clock.h"
#include "core/form/rule.h"

#include <string.h>

static const char *const outlets[] = {"outlet", NULL};

static const struct ch_field pass_fields[] = {
    CH_IN_TEXT(struct counter_pass_in, name, CH_REQUIRED, 1, 60, ch_rule_name),
    CH_IN_TEXT(struct counter_pass_in, id_no, CH_REQUIRED, 18, 18, ch_rule_idcard),
    CH_IN_TEXT(struct counter_pass_in, valid_until, CH_OPTIONAL, 10, 10, ch_rule_date),
    CH_IN_DECISION(struct counter_pass_in),
};
const struct ch_input counter_pass_asked = CH_INPUT_BUT_LAST(struct counter_pass_in, pass_fields);
const struct ch_input counter_pass_body = CH_INPUT(struct counter_pass_in, pass_fields);

static const struct ch_field refuse_fields[] = {
    CH_IN_TEXT(struct counter_refuse_in, reason, CH_REQUIRED, 1, 32, NULL),
    CH_IN_DECISION(struct counter_refuse_in),
};
const struct ch_input counter_refuse_asked = CH_INPUT_BUT_LAST(struct counter_refuse_in, refuse_fields);
const struct ch_input counter_refuse_body = CH_INPUT(struct counter_refuse_in, refuse_fields);

/* Refuses a card that is not the form's person's, or out of date. */
static enum ch_err compare_card(struct ch_req *r, const struct counter_pass_in *in)
{
    const char *today = ch_beijing(r->a, ch_now_ms() / 1000, "%Y-%m-%d");
    struct ch_rows rows;
    struct ch_person p;

    enum ch_err e = ch_run_row(r, CH_CALL(&counter_form, ch_p_text(ch_var(r, "id"))), &rows);
    if (e == CH_OK)
        e = counter_person(r, &rows, 0, &p);
    if (e != CH_OK)
        return e;
    if (strcmp(in->name, p.name) != 0)
        return ch_refuse(&r->fault, CH_E_INVALID, "/name", "身份证上的姓名与申请信息不一致，不能通过。");
    if (strcmp(in->id_no, p.id_no) != 0)
        return ch_refuse(&r->fault, CH_E_INVALID, "/id_no", "身份证号码与申请信息不一致，不能通过。");
    if (in->valid_until != NULL && strcmp(in->valid_until, today) < 0)
        return ch_refuse(&r->fault, CH_E_INVALID, "/valid_until", "身份证已过有效期，不能通过。");
    return CH_OK;
}

static enum ch_err read_pass(struct ch_req *r, struct ch_act *act)
{
    const struct counter_pass_in *in = r->in;
    const struct ch_act_fact typed[] = {
        {"核验对象", in->name},
        {"身份证号码", in->id_no},
        {"身份证有效期至", in->valid_until != NULL ? in->valid_until : "长期"},
        {"核验方式", "查看身份证原件，当面比对本人"},
    };

    enum ch_err e = compare_card(r, in);
    if (e != CH_OK)
        return e;
    *act = ch_act_new(r->a, "当面核验通过", outlets, typed, CH_COUNT(typed));
    return ch_run(r, CH_CALL(&counter_pass_facts, ch_p_text(ch_var(r, "id")), ch_p_null()), &act->facts);
}

static enum ch_err read_refuse(struct ch_req *r, struct ch_act *act)
{
    const struct counter_refuse_in *in = r->in;

    *act = ch_act_new(r->a, "当面核验不通过", outlets, NULL, 0);
    return ch_run(r, CH_CALL(&counter_refuse_facts, ch_p_text(ch_var(r, "id")), ch_p_text(in->reason)), &act->facts);
}

static enum ch_err decide(struct ch_req *r, const struct ch_act *act, struct ch_param reason)
{
    enum ch_err e = ch_run(r, CH_CALL(&counter_decide, ch_p_text(ch_var(r, "id")), reason, act->signed_act), NULL);
    return e == CH_OK ? ch_reply_empty(r) : e;
}

static enum ch_err do_pass(struct ch_req *r, const struct ch_act *act)
{
    return decide(r, act, ch_p_null());
}

static enum ch_err do_refuse(struct ch_req *r, const struct ch_act *act)
{
    const struct counter_refuse_in *in = r->in;

    return decide(r, act, ch_p_text(in->reason));
}

static const struct ch_act_kind pass = CH_ACT_KIND(struct counter_pass_in, read_pass, do_pass);
static const struct ch_act_kind refusal = CH_ACT_KIND(struct counter_refuse_in, read_refuse, do_refuse);

enum ch_err counter_pass_statement(struct ch_req *r)
{
    return ch_act_offer(r, &pass);
}

enum ch_err counter_pass(struct ch_req *r)
{
    return ch_act_take(r, &pass);
}

enum ch_err counter_refuse_statement(struct ch_req *r)
{
    return ch_act_offer(r, &refusal);
}

enum ch_err counter_refuse(struct ch_req *r)
{
    return ch_act_take(r, &refusal);
}
