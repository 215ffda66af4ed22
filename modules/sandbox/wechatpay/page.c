/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's page for the browser of a phone, and the app that it opens, in one. It is as strict as the vendor's: who comes from
 * another site than the merchant's, from another network than the order names, in WeChat itself, or too late, cannot pay. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/gateway/amount.h"
#include "modules/sandbox/html.h"
#include "modules/sandbox/register.h"

#include <string.h>

#define HOST "127.0.0.11"
#define HEAD \
    "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">" \
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>微信支付（演示）</title>"
#define STYLE \
    "<style>body{margin:0;font:16px/1.7 system-ui,sans-serif;background:#f2f5f3;color:#1b2733}" \
    "header{background:#07703b;color:#fff;padding:.9rem 1.25rem;font-size:1.15rem;font-weight:600}" \
    "main{max-width:26rem;margin:1.5rem auto;padding:1.75rem 1.5rem;background:#fff;border-radius:.75rem;text-align:center}" \
    "h1{font-size:1.2rem;margin:.25rem 0}.sum{font-size:2.4rem;font-weight:600;margin:.5rem 0}" \
    "button,a.go{display:block;width:100%%;box-sizing:border-box;margin:.75rem 0;padding:.8rem;border:0;border-radius:.5rem;" \
    "font:inherit;background:#07703b;color:#fff;text-decoration:none}a.other{background:#fff;color:#1b2733;border:1px solid #8a97a8}" \
    "small{color:#51606f}</style></head><body><header>微信支付</header><main>"
#define FOOT "<p><small>本页由演示环境模拟微信支付，不会真正扣款。</small></p></main></body></html>"

enum ch_err wechatpay_show_message(struct ch_req *r, int status, const char *sentence)
{
    return ch_reply_html(r, status, ch_printf(r->a, HEAD STYLE "<h1>无法支付</h1><p>%s</p>" FOOT, sentence));
}

bool wechatpay_is_merchants(const char *url)
{
    const char *origin = ch_conf(CONF_ORIGIN);
    size_t n = strlen(origin);

    return url != NULL && strncmp(url, origin, n) == 0 && (url[n] == '/' || url[n] == '\0');
}

/* What WeChat says to whom it does not let pay, or NULL. `there`: the order, when its page is still good. */
static const char *refusal(struct ch_req *r, const struct ch_rows *there)
{
    if (strstr(ch_fcgi(r, "HTTP_USER_AGENT"), "MicroMessenger") != NULL)
        return "请在微信外打开订单，进行支付。";
    if (there->n != 1 || ch_col(there, 0, "payer_ip") == NULL)
        return "支付请求已失效，请重新发起支付。";
    if (strcmp(ch_fcgi(r, "REQUEST_METHOD"), "GET") == 0 && !wechatpay_is_merchants(ch_fcgi(r, "HTTP_REFERER")))
        return "商家参数格式有误，请联系商家解决。";
    if (strcmp(ch_col(there, 0, "payer_ip"), ch_fcgi(r, "REMOTE_ADDR")) != 0)
        return "网络环境未能通过安全验证，请稍后再试。";
    return NULL;
}

/* The order of the page's address. */
static enum ch_err find_order(struct ch_req *r, const char **code, struct ch_rows *row)
{
    const char *prepay = ch_query(r, "prepay_id");

    *code = prepay != NULL && strncmp(prepay, "wx", 2) == 0 ? prepay + 2 : "";
    return ch_run(r, CH_CALL(&sandbox_wechatpay_bill, ch_p_text(*code)), row);
}

static const char *way_back(struct ch_req *r)
{
    const char *url = ch_query(r, "redirect_url");

    return wechatpay_is_merchants(url) ? html_escape(r->a, url) : "";
}

/* The content security policy of these pages forbids a form to lead to another host, so the page leads back by itself. */
static enum ch_err show_paid(struct ch_req *r)
{
    const char *back = way_back(r);

    return ch_reply_html(
        r, 200,
        ch_printf(r->a,
                  HEAD "<meta http-equiv=\"refresh\" content=\"1;url=%s\">" STYLE
                       "<h1>支付成功</h1><p>正在返回商户页面……</p><a class=\"go\" href=\"%s\">立即返回</a>" FOOT,
                  back, back));
}

static enum ch_err show_bill(struct ch_req *r, const struct ch_rows *row)
{
    const char *state = ch_col_text(row, 0, "state");

    if (strcmp(state, "SUCCESS") == 0)
        return show_paid(r);
    if (strcmp(state, "NOTPAY") != 0)
        return wechatpay_show_message(r, 410, "支付请求已失效，请重新发起支付。");
    return ch_reply_html(
        r, 200,
        ch_printf(r->a,
                  HEAD STYLE
                  "<h1>%s</h1><p class=\"sum\">¥ %s</p><p>%s</p>"
                  "<form method=\"post\"><button>立即支付</button></form><a class=\"go other\" href=\"%s\">取消</a>" FOOT,
                  html_escape(r->a, sandbox_register()->merchant_name), ch_amount_yuan(r->a, ch_col_int(row, 0, "total")),
                  html_escape(r->a, ch_col_text(row, 0, "description")), way_back(r)));
}

static enum ch_err answer_page(struct ch_req *r, bool pay)
{
    const char *code, *state;
    struct ch_rows row;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not WeChat Pay's host");
    enum ch_err e = find_order(r, &code, &row);
    if (e != CH_OK)
        return e;
    const char *no = refusal(r, &row);
    if (no != NULL)
        return wechatpay_show_message(r, 403, no);
    if (!pay)
        return show_bill(r, &row);
    e = wechatpay_pay(r, code, NULL, &state);
    if (e != CH_OK)
        return e;
    return strcmp(state, "SUCCESS") == 0 ? show_paid(r)
                                         : wechatpay_show_message(r, 410, "支付请求已失效，请重新发起支付。");
}

enum ch_err sandbox_wechatpay_page(struct ch_req *r)
{
    return answer_page(r, false);
}

enum ch_err sandbox_wechatpay_page_pay(struct ch_req *r)
{
    return answer_page(r, true);
}
