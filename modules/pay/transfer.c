/* SPDX-License-Identifier: Apache-2.0
 * Paying by a transfer from the unit's own account: to which account and with which remark, and handing in its vouchers. Module
 * paper takes the voucher files themselves. */
#include "modules/pay/pay.h"

#include "core/base/config.h"
#include "core/base/random.h"

/* The authority's own account is a setting; without it nobody can pay by transfer. */
static bool has_account(void)
{
    return *ch_conf(CONF_TRANSFER_NAME) != '\0' && *ch_conf(CONF_TRANSFER_NO) != '\0' &&
           *ch_conf(CONF_TRANSFER_BANK) != '\0';
}

static enum ch_err refuse_without_account(struct ch_req *r)
{
    return ch_fail_say(r, CH_E_CONFLICT, "暂未开通公对公转账，请选择其他支付方式。");
}

enum ch_err pay_transfer(struct ch_req *r)
{
    const char *transfer;
    struct ch_jw w;

    enum ch_err e = ch_run_text(r, CH_CALL(&pay_transfer_view, ch_p_text(ch_var(r, "id"))), &transfer);
    if (e != CH_OK)
        return e;
    if (!has_account())
        return refuse_without_account(r);
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "account");
    ch_jw_text(&w, "name", ch_conf(CONF_TRANSFER_NAME));
    ch_jw_text(&w, "number", ch_conf(CONF_TRANSFER_NO));
    ch_jw_text(&w, "bank", ch_conf(CONF_TRANSFER_BANK));
    ch_jw_end_object(&w);
    ch_jw_raw(&w, "transfer", transfer);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err pay_voucher(struct ch_req *r)
{
    const struct ch_version_in *in = r->in;
    const char *order = ch_var(r, "id");

    if (!has_account())
        return refuse_without_account(r);
    const struct ch_call call =
        CH_CALL(&pay_voucher_row, ch_p_text(ch_uuid7(r->a)), ch_p_text(order), ch_p_int(r->a, in->version));
    return ch_order_after(r, 200, order, &call, 1);
}
