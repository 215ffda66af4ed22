/* SPDX-License-Identifier: Apache-2.0
 * What finance finds on the bank statement: the transfer that a voucher proves, or a surplus that pays for no open payment. A
 * transfer has to come from the applicant's own account (inventory #152), so the payer's name is compared with the form's. */
#include "modules/finance/finance.h"

#include "core/base/random.h"
#include "core/form/rule.h"

#include <string.h>

#define REASON "transfer.reason" /* the place of hall.transfer.reason (core/crypto/ring.h) */

static const char *rule_reference(const char *s)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

    return s[strspn(s, good)] == '\0' ? NULL : "银行流水号由字母和数字组成。";
}

// clang-format off
#define ENTRY_FIELDS \
    CH_IN_TEXT(struct finance_entry_in, payer, CH_REQUIRED, 1, 100, ch_rule_name), \
    CH_IN_TEXT(struct finance_entry_in, reference, CH_REQUIRED, 6, 64, rule_reference), \
    CH_IN_TEXT(struct finance_entry_in, day, CH_REQUIRED, 10, 10, ch_rule_date), \
    CH_IN_INT(struct finance_entry_in, fen, CH_REQUIRED, 1, INT32_MAX)
// clang-format on

static const struct ch_field confirm_fields[] = {
    CH_IN_INT(struct finance_entry_in, version, CH_REQUIRED, 1, INT32_MAX),
    ENTRY_FIELDS,
    CH_IN_TEXT(struct finance_entry_in, reason, CH_OPTIONAL, 2, 200, ch_rule_name),
    CH_IN_DECISION(struct finance_entry_in),
};
const struct ch_input finance_confirm_asked = CH_INPUT_BUT_LAST(struct finance_entry_in, confirm_fields);
const struct ch_input finance_confirm_body = CH_INPUT(struct finance_entry_in, confirm_fields);

static const struct ch_field surplus_fields[] = {
    ENTRY_FIELDS,
    CH_IN_TEXT(struct finance_entry_in, reason, CH_REQUIRED, 2, 200, ch_rule_name),
    CH_IN_DECISION(struct finance_entry_in),
};
const struct ch_input finance_surplus_asked = CH_INPUT_BUT_LAST(struct finance_entry_in, surplus_fields);
const struct ch_input finance_surplus_body = CH_INPUT(struct finance_entry_in, surplus_fields);

static const struct ch_field why_fields[] = {
    CH_IN_INT(struct finance_why_in, version, CH_REQUIRED, 1, INT32_MAX),
    CH_IN_TEXT(struct finance_why_in, why, CH_REQUIRED, 4, 200, ch_rule_name),
};
const struct ch_input finance_why_body = CH_INPUT(struct finance_why_in, why_fields);

/* An entry of the bank statement as it is recorded: the encrypted payer and reason, and whether the payer is the applicant. */
struct entry {
    const char *id; /* of the payment: the one that waits for money, or a new one */
    struct ch_bytes payer, reason;
    bool matches;
};

/* Without words there is nothing to encrypt: the bytes are then NULL. */
static struct ch_bytes encrypt_words(struct ch_req *r, const char *place, const char *id, const char *words)
{
    struct ch_bytes none = {NULL, 0};

    return words != NULL ? ch_encrypt(ch_ring(), r->a, place, id, CH_BYTES(words, strlen(words))) : none;
}

static bool payer_is_applicant(const char *payer, const struct ch_json *form, const char *person)
{
    bool natural = person != NULL && strcmp(person, "natural") == 0;
    const char *name = ch_json_text(form, natural ? "holder_name" : "unit_name");

    return name != NULL && strcmp(name, payer) == 0;
}

/* `fresh` makes a payment of its own even if another one waits for money. */
static enum ch_err read_entry(struct ch_req *r, const char *order, bool fresh, struct entry *entry)
{
    const struct finance_entry_in *in = r->in;
    struct ch_json *form;
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&finance_transfer_work, ch_p_text(order)), &rows);
    if (e == CH_OK && rows.n != 1)
        e = ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    if (e == CH_OK)
        e = ch_order_form(r, order, ch_col_bytes(&rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    const char *waiting = fresh ? NULL : ch_col(&rows, 0, "payment_id");
    entry->id = waiting != NULL ? waiting : ch_uuid7(r->a);
    entry->payer = encrypt_words(r, FINANCE_PAYER, entry->id, in->payer);
    entry->reason = encrypt_words(r, REASON, entry->id, in->reason);
    entry->matches = payer_is_applicant(in->payer, form, ch_col(&rows, 0, "person"));
    return CH_OK;
}

/* The act has the entry in its `work`; payer and reason stand in the statement as they were typed. */
static enum ch_err read_entry_act(struct ch_req *r, const char *title, const char *label, bool fresh, struct ch_act *act)
{
    const struct finance_entry_in *in = r->in;
    const struct ch_act_fact typed[] = {{"付款户名", in->payer}, {label, in->reason}};
    struct entry *entry = CH_NEW(r->a, struct entry);

    *act = ch_act_new(r->a, title, ch_act_finance, typed, CH_COUNT(typed));
    act->work = entry;
    return read_entry(r, ch_var(r, "id"), fresh, entry);
}

static enum ch_err read_confirm(struct ch_req *r, struct ch_act *act)
{
    const struct finance_entry_in *in = r->in;

    enum ch_err e = read_entry_act(r, "确认汇款到账", "仍予确认的理由", false, act);
    if (e != CH_OK)
        return e;
    const struct entry *entry = act->work;
    return ch_run(r,
                  CH_CALL(&finance_transfer_facts, ch_p_text(entry->id), ch_p_text(ch_var(r, "id")),
                          ch_p_int(r->a, in->version), ch_p_int(r->a, in->fen), ch_p_text(in->day),
                          ch_p_text(in->reference), ch_p_bool(entry->matches), ch_p_bool(in->reason != NULL)),
                  &act->facts);
}

static enum ch_err confirm_transfer(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_entry_in *in = r->in;
    const struct entry *entry = act->work;
    const char *order = ch_var(r, "id");

    const struct ch_call event =
        CH_CALL(&finance_transfer_confirm_row, ch_p_text(entry->id), ch_p_text(order), ch_p_int(r->a, in->version),
                ch_p_int(r->a, in->fen), ch_p_text(in->day), ch_p_text(in->reference), ch_p_bytes(entry->payer),
                ch_p_bool(entry->matches), ch_p_bytes(entry->reason), act->signed_act);
    return finance_money_reply(r, order, &event);
}

static const struct ch_act_kind confirmation = CH_ACT_KIND(struct finance_entry_in, read_confirm, confirm_transfer);

enum ch_err finance_confirm_statement(struct ch_req *r)
{
    return ch_act_offer(r, &confirmation);
}

enum ch_err finance_transfer_confirm(struct ch_req *r)
{
    return ch_act_take(r, &confirmation);
}

static enum ch_err read_surplus(struct ch_req *r, struct ch_act *act)
{
    const struct finance_entry_in *in = r->in;

    enum ch_err e = read_entry_act(r, "登记多收款", "多收款说明", true, act);
    return e == CH_OK ? ch_run(r,
                               CH_CALL(&finance_surplus_facts, ch_p_text(ch_var(r, "id")), ch_p_int(r->a, in->fen),
                                       ch_p_text(in->day), ch_p_text(in->reference)),
                               &act->facts)
                      : e;
}

static enum ch_err book_surplus(struct ch_req *r, const struct ch_act *act)
{
    const struct finance_entry_in *in = r->in;
    const struct entry *entry = act->work;
    const char *order = ch_var(r, "id");

    const struct ch_call event =
        CH_CALL(&finance_transfer_surplus_row, ch_p_text(entry->id), ch_p_text(order), ch_p_int(r->a, in->fen),
                ch_p_text(in->day), ch_p_text(in->reference), ch_p_bytes(entry->payer), ch_p_bool(entry->matches),
                ch_p_bytes(entry->reason), act->signed_act);
    return finance_money_reply(r, order, &event);
}

static const struct ch_act_kind surplus = CH_ACT_KIND(struct finance_entry_in, read_surplus, book_surplus);

enum ch_err finance_surplus_statement(struct ch_req *r)
{
    return ch_act_offer(r, &surplus);
}

enum ch_err finance_transfer_surplus(struct ch_req *r)
{
    return ch_act_take(r, &surplus);
}

enum ch_err finance_transfer_refuse(struct ch_req *r)
{
    const struct finance_why_in *in = r->in;
    const char *order = ch_var(r, "id");

    const struct ch_call event =
        CH_CALL(&finance_transfer_refuse_row, ch_p_text(order), ch_p_int(r->a, in->version), ch_p_text(in->why));
    return finance_money_reply(r, order, &event);
}
