/* SPDX-License-Identifier: Apache-2.0
 * The unit's bank account: finding its opening branch, entering and correcting it, and asking for another payout to it. */
#include "modules/finauth/finauth.h"

#include "core/form/rule.h"
#include "core/order/account.h"
#include "core/order/order.h"

#include <string.h>

static const struct ch_field account_fields[] = {
    CH_IN_TEXT(struct finauth_account_in, account_branch, CH_REQUIRED, 12, 12, ch_rule_cnaps),
    CH_IN_TEXT(struct finauth_account_in, account_no, CH_REQUIRED, 8, 32, ch_rule_account),
};
const struct ch_input finauth_account_body = CH_INPUT(struct finauth_account_in, account_fields);

enum ch_err finauth_banks(struct ch_req *r)
{
    const char *q = ch_query(r, "q"), *out;

    if (q == NULL || strlen(q) < 2 || strlen(q) > 180)
        return ch_reply_json(r, 200, "{\"banks\":[]}");
    enum ch_err e = ch_run_text(r, CH_CALL(&finauth_search, ch_p_text(q)), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

enum ch_err finauth_view_of(struct ch_req *r, const char *order, struct ch_rows *rows)
{
    enum ch_err e = ch_run(r, CH_CALL(&finauth_view, ch_p_text(order)), rows);

    if (e == CH_OK && rows->n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个业务单。");
    return e;
}

enum ch_err finauth_reply(struct ch_req *r, const char *order)
{
    struct ch_rows rows;

    enum ch_err e = finauth_view_of(r, order, &rows);
    return e == CH_OK ? ch_reply_out(r, 200, &rows) : e;
}

enum ch_err finauth_get(struct ch_req *r)
{
    return finauth_reply(r, ch_var(r, "id"));
}

/* Asks for another payout to the account that was entered before. */
enum ch_err finauth_payout(struct ch_req *r)
{
    const char *order = ch_var(r, "id");

    enum ch_err e = ch_run(r, CH_CALL(&finauth_payout_again, ch_p_text(order)), NULL);
    return e == CH_OK ? finauth_reply(r, order) : e;
}

/* The account's name is always the unit's (inventory #98), so it is taken from the encrypted form and not from the request. */
enum ch_err finauth_account(struct ch_req *r)
{
    const struct finauth_account_in *in = r->in;
    const char *order = ch_var(r, "id");
    struct ch_json *form;
    struct ch_rows rows;

    enum ch_err e = finauth_view_of(r, order, &rows);
    if (e == CH_OK)
        e = ch_order_form(r, order, ch_col_bytes(&rows, r->a, 0, "form"), &form);
    if (e != CH_OK)
        return e;
    const char *unit = ch_json_text(form, "unit_name");
    if (unit == NULL)
        return ch_fail_say(r, CH_E_CONFLICT, "这个业务单不需要对公账户。");
    struct ch_bank_account account = ch_bank_account_make(r, order, in->account_branch, unit, in->account_no);
    e = ch_run(r,
               CH_CALL(&finauth_account_put, ch_p_text(order), ch_p_text(account.branch), ch_p_bytes(account.encrypted),
                       ch_p_text(account.masked), ch_p_text(account.name)),
               NULL);
    return e == CH_OK ? finauth_reply(r, order) : e;
}
