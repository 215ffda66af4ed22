/* SPDX-License-Identifier: Apache-2.0
 * The newcomer's phone: scanning a code, and paying at the cashier of the vendor that the code belongs to. */
#include "modules/sandbox/sandbox.h"

#include "core/base/config.h"
#include "modules/sandbox/alipay/alipay.h"
#include "modules/sandbox/wechatpay/wechatpay.h"

#include <string.h>

struct scan_in {
    const char *text;
};
static const struct ch_field scan_fields[] = {CH_IN_TEXT(struct scan_in, text, CH_REQUIRED, 1, 2000, NULL)};
const struct ch_input sandbox_scan_body = CH_INPUT(struct scan_in, scan_fields);

/* True for a page of the hall or of a vendor of the sandbox. */
static bool is_own_page(const char *text)
{
    const char *origin = ch_conf(CONF_ORIGIN);
    size_t n = strlen(origin);

    return (strncmp(text, origin, n) == 0 && text[n] == '/') || strncmp(text, "http://127.0.0.1", 16) == 0;
}

/* The text after the prefix, or NULL. */
static const char *after_prefix(const char *text, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

enum ch_err sandbox_scan(struct ch_req *r)
{
    const struct scan_in *in = r->in;
    const char *pr = after_prefix(in->text, WECHATPAY_CODE_URL), *alipay = after_prefix(in->text, ALIPAY_CODE_URL);
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
    const char *code = ch_var(r, "pr");
    return alipay_is_code(code) ? alipay_phone_cashier(r, code) : wechatpay_phone_cashier(r, code);
}

enum ch_err sandbox_cashier_pay(struct ch_req *r)
{
    const char *code = ch_var(r, "pr");
    return alipay_is_code(code) ? alipay_phone_pay(r, code) : wechatpay_phone_pay(r, code);
}
