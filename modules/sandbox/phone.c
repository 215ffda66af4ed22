/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's phone: its short messages, what it does with a scanned code, and the cashiers of WeChat
 * Pay and Alipay. */
#include "modules/sandbox/sandbox.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "modules/sandbox/alipay.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"
#include "sandbox_tencent_sql.h"
#include "sandbox_wechat_sql.h"

#include <string.h>

#define CODE_URL "weixin://wxpay/bizpayurl?pr="
#define LATE_SECONDS 600

enum ch_err sandbox_inbox(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL(&sandbox_tencent_sms_list, ch_p_text(ch_query(r, "phone"))), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "messages");
    for (int i = 0; i < rows.n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "at", ch_rfc3339(r->a, ch_col_int(&rows, i, "at")));
        ch_jw_text(&w, "phone", ch_col(&rows, i, "phone"));
        ch_jw_text(&w, "sign", ch_col(&rows, i, "sign"));
        ch_jw_text(&w, "text", ch_col(&rows, i, "body"));
        ch_jw_text(&w, "template", ch_col(&rows, i, "template"));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

struct scan_in {
    const char *text;
};
static const struct ch_field scan_fields[] = {CH_IN_TEXT(struct scan_in, text, CH_REQUIRED, 1, 2000, NULL)};
const struct ch_input sandbox_scan_body = CH_INPUT(struct scan_in, scan_fields);

/* A page of the hall, or of a vendor that is played here. */
static bool is_own_page(const char *text)
{
    const char *origin = ch_conf(CONF_ORIGIN);
    size_t n = strlen(origin);

    return (strncmp(text, origin, n) == 0 && text[n] == '/') || strncmp(text, "http://127.0.0.1", 16) == 0;
}

/* What stands behind the beginning, or NULL. */
static const char *behind(const char *text, const char *beginning)
{
    size_t n = strlen(beginning);
    return strncmp(text, beginning, n) == 0 ? text + n : NULL;
}

enum ch_err sandbox_scan(struct ch_req *r)
{
    const struct scan_in *in = r->in;
    const char *pr = behind(in->text, CODE_URL), *alipay = behind(in->text, ALIPAY_CODE_URL);
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    if (pr != NULL && *pr != '\0' &&
        strspn(pr, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strlen(pr)) {
        ch_jw_text(&w, "kind", "wechatpay");
        ch_jw_text(&w, "url", ch_printf(r->a, "/sandbox/cashier/%s", pr));
        ch_jw_text(&w, "pr", pr);
    } else if (alipay != NULL && alipay_is_code(alipay)) {
        ch_jw_text(&w, "kind", "alipay");
        ch_jw_text(&w, "url", ch_printf(r->a, "/sandbox/cashier/%s", alipay));
        ch_jw_text(&w, "pr", alipay);
    } else if (is_own_page(in->text)) {
        ch_jw_text(&w, "kind", "phone");
        ch_jw_text(&w, "url", in->text);
    } else {
        ch_jw_text(&w, "kind", "unknown");
        ch_jw_null(&w, "url");
    }
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err sandbox_cashier(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_jw w;

    if (alipay_is_code(ch_var(r, "pr")))
        return alipay_phone_cashier(r, ch_var(r, "pr"));
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_wechat_bill, ch_p_text(ch_var(r, "pr"))), &rows);
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

enum ch_err sandbox_cashier_pay(struct ch_req *r)
{
    const char *day = ch_beijing(r->a, ch_now_ms() / 1000, "%Y%m%d"), *state;
    const char *transaction = ch_printf(r->a, "4200%s%s", day, ch_random_text(r->a, "0123456789", 16));
    const char *payer = ch_printf(r->a, "o%s", ch_random_text(r->a, "0123456789ABCDEFabcdef", 27));
    struct ch_jw w;

    if (alipay_is_code(ch_var(r, "pr")))
        return alipay_phone_pay(r, ch_var(r, "pr"));
    enum ch_err e = ch_run_text(r, CH_CALL(&sandbox_wechat_pay, ch_p_text(ch_var(r, "pr")), ch_p_text(transaction),
                                           ch_p_text(payer), ch_p_text(ch_uuid7(r->a)),
                                           ch_p_text(sandbox_scaled(r->a, LATE_SECONDS))),
                                &state);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "state", state);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
