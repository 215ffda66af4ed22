/* SPDX-License-Identifier: Apache-2.0
 * Submits an application, takes it back before payment, and submits it again after a rejection. */
#include "core/order/flow_private.h"

#include "core/order/account.h"

enum ch_err ch_flow_submit(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *id = ch_var(r, "id");
    struct ch_json *form, *locked;

    enum ch_err e = ch_order_own_form(r, id, &form, &locked);
    if (e != CH_OK)
        return e;
    /* The payout needs only the bank account, which is therefore encrypted apart from the form. */
    struct ch_bank_account account = ch_bank_account_of(r, id, form);
    const struct ch_call call =
        CH_CALL(&flow_order_submit, ch_p_text(id), ch_p_int(r->a, in->version), ch_p_text(account.branch),
                ch_p_bytes(account.encrypted), ch_p_text(account.masked), ch_p_text(account.name));
    return ch_order_after(r, 200, id, &call, 1);
}

enum ch_err ch_flow_edit(struct ch_req *r)
{
    return ch_order_event(r, &flow_order_edit);
}

enum ch_err ch_flow_resubmit(struct ch_req *r)
{
    return ch_order_event(r, &flow_order_resubmit);
}
