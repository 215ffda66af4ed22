/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's cashier on the newcomer's phone: showing an order and paying it. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"

#define LATE_SECONDS 600

enum ch_err wechatpay_phone_cashier(struct ch_req *r, const char *pr)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechatpay_bill, ch_p_text(pr)), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail(r, CH_E_NOT_FOUND, "no such code");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "description", ch_col(&rows, 0, "description"));
    ch_jw_int(&w, "total", ch_col_int(&rows, 0, "total"));
    ch_jw_text(&w, "state", ch_col(&rows, 0, "state"));
    ch_jw_text(&w, "expires_at", ch_rfc3339(r->a, ch_col_int(&rows, 0, "expires")));
    ch_jw_text(&w, "merchant", sandbox_register()->merchant_name);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err wechatpay_pay(struct ch_req *r, const char *code, const char *openid, const char **state)
{
    const char *day = ch_beijing(r->a, ch_now_ms() / 1000, "%Y%m%d");
    const char *transaction = ch_printf(r->a, "4200%s%s", day, ch_random_text(r->a, "0123456789", 16));
    const char *payer =
        openid != NULL ? openid : wechatpay_openid_of(r->a, ch_random_text(r->a, WECHATPAY_CODE_LETTERS, 20));

    return ch_run_text(r,
                       CH_CALL(&sandbox_wechatpay_pay, ch_p_text(code), ch_p_text(transaction), ch_p_text(payer),
                               ch_p_text(ch_uuid7(r->a)), ch_p_text(sandbox_scaled(r->a, LATE_SECONDS))),
                       state);
}

enum ch_err wechatpay_phone_pay(struct ch_req *r, const char *pr)
{
    const char *state;
    struct ch_jw w;
    enum ch_err e = wechatpay_pay(r, pr, NULL, &state);

    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "state", state);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
