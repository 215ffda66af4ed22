/* SPDX-License-Identifier: Apache-2.0
 * Offers a statement to be signed, and takes the signed decision. */
#include "core/desk/decision.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/desk/signing.h"
#include "core/form/form.h"
#include "core/form/item.h"
#include "core/order/order.h"
#include "decision_sql.h"

/* Everything about the decision but its time. */
struct facts {
    struct ch_signing signing;
    struct ch_statement statement;
};

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
        .person = out->signing.mine->person,
        .name = out->signing.mine->name,
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
    e = ch_signing_open(r, &rows, &out->signing);
    return e == CH_OK ? read_statement(r, d, &rows, out) : e;
}

enum ch_err ch_decision_offer(struct ch_req *r, const struct ch_decision_of *d)
{
    struct facts f;

    enum ch_err e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = ch_signing_time(r, &f.signing);
    return ch_signing_offer(r, &f.signing, f.statement.time, ch_statement_text(r->a, &f.statement));
}

enum ch_err ch_decision_take(struct ch_req *r, const struct ch_decision_of *d, const struct ch_json *decision,
                             struct ch_call *keep)
{
    struct ch_param *p = ch_alloc_array(r->a, 4, sizeof *p);
    struct ch_signature given;
    struct facts f;
    struct ch_jw w;

    enum ch_err e = ch_signing_read(r, decision, &given);
    if (e == CH_OK)
        e = read_facts(r, d, &f);
    if (e != CH_OK)
        return e;
    f.statement.time = given.time;
    const char *text = ch_statement_text(r->a, &f.statement);
    e = ch_signing_check(r, &f.signing, ch_decision_roles(d->what), text, &given);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_signing_write(&w, r->a, &given);
    ch_jw_end_object(&w);
    p[0] = ch_p_text(d->order);
    p[1] = ch_p_text(ch_decision_word(d->what));
    p[2] = ch_p_text(text);
    p[3] = ch_p_text(ch_jw_done(&w));
    *keep = ch_call_of(&decision_keep, p, 4);
    return CH_OK;
}
