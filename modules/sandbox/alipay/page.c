/* SPDX-License-Identifier: Apache-2.0
 * Alipay's cashier: the page that alipay.trade.page.pay and alipay.trade.wap.pay lead to, and the same for a code scanned with the phone. */
#include "modules/sandbox/alipay/alipay.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/amount.h"
#include "modules/sandbox/html.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"

#include <string.h>

#define HEAD \
    "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">" \
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>支付宝收银台（演示）</title>"
#define STYLE \
    "<style>body{margin:0;font:16px/1.7 system-ui,sans-serif;background:#f3f6fb;color:#1b2733}" \
    "header{background:#1677ff;color:#fff;padding:.9rem 1.25rem;font-size:1.15rem;font-weight:600}" \
    "main{max-width:26rem;margin:1.5rem auto;padding:1.75rem 1.5rem;background:#fff;border-radius:.75rem;" \
    "text-align:center;box-shadow:0 1px 6px #0b3d9122}h1{font-size:1.2rem;margin:.25rem 0}" \
    ".sum{font-size:2.4rem;font-weight:600;margin:.5rem 0;font-variant-numeric:tabular-nums}" \
    "dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;text-align:left;margin:1.25rem 0;" \
    "padding-top:1rem;border-top:1px solid #e3e8ef}dt{color:#51606f}dd{margin:0;text-align:right;" \
    "overflow-wrap:anywhere}" \
    "button,a.go{display:block;width:100%%;box-sizing:border-box;margin:.75rem 0;padding:.8rem;border:0;" \
    "border-radius:.5rem;font:inherit;background:#1677ff;color:#fff;text-decoration:none;cursor:pointer}" \
    "button.other{background:#fff;color:#1b2733;border:1px solid #8a97a8}" \
    "button:focus-visible,a:focus-visible{outline:3px solid #0b3d91;outline-offset:2px}small{color:#51606f}" \
    "</style></head><body><header>支付宝 · 收银台</header><main>"
#define FOOT "<p><small>本页由演示环境模拟支付宝收银台，不会真正扣款。</small></p></main></body></html>"

struct bill {
    const char *code, *no, *subject, *return_url, *trade_no, *state;
    int64_t total, expires;
    bool wap; /* a phone's page */
};

static enum ch_err show_message(struct ch_req *r, int status, const char *title, const char *sentence)
{
    return ch_reply_html(r, status, ch_printf(r->a, HEAD STYLE "<h1>%s</h1><p>%s</p>" FOOT, title, sentence));
}

/* A page that goes on to the URL by itself: the content security policy of these pages forbids redirecting a form to another
 * host. */
static enum ch_err show_redirect(struct ch_req *r, const char *url, const char *title)
{
    const char *safe = html_escape(r->a, url);
    return ch_reply_html(r, 200,
                         ch_printf(r->a,
                                   HEAD "<meta http-equiv=\"refresh\" content=\"1;url=%s\">" STYLE
                                        "<h1>%s</h1><p>正在返回商户页面……</p><a class=\"go\" href=\"%s\">立即返回</a>" FOOT,
                                   safe, title, safe));
}

static enum ch_err find_bill(struct ch_req *r, const char *code, struct bill *b, bool *there)
{
    struct ch_rows row;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_alipay_bill_of_code, ch_p_text(code)), &row);

    *there = e == CH_OK && row.n == 1;
    if (!*there)
        return e;
    *b = (struct bill){.code = code,
                       .no = ch_col(&row, 0, "out_trade_no"),
                       .subject = ch_col(&row, 0, "subject"),
                       .return_url = ch_col(&row, 0, "return_url"),
                       .trade_no = ch_col(&row, 0, "trade_no"),
                       .state = ch_col(&row, 0, "state"),
                       .total = ch_col_int(&row, 0, "total"),
                       .expires = ch_col_int(&row, 0, "expires"),
                       .wap = ch_col_bool(&row, 0, "wap")};
    return CH_OK;
}

/* The payer has opened the cashier, so the trade exists from now on. */
static enum ch_err begin_trade(struct ch_req *r, const char *code, struct bill *b, bool *there)
{
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_alipay_begin, ch_p_text(code), ch_p_text(alipay_trade_no(r->a))), NULL);
    return e == CH_OK ? find_bill(r, code, b, there) : e;
}

/* The merchant's page with the vendor's parameters, signed like a notification. */
static char *signed_return_url(struct ch_req *r, const struct bill *b)
{
    const struct sandbox_register *reg = sandbox_register();
    struct ch_alipay_params p = {.n = 0};

    ch_alipay_add(&p, "charset", "utf-8");
    ch_alipay_add(&p, "out_trade_no", b->no);
    ch_alipay_add(&p, "method", b->wap ? "alipay.trade.wap.pay.return" : "alipay.trade.page.pay.return");
    ch_alipay_add(&p, "total_amount", ch_amount_yuan(r->a, b->total));
    ch_alipay_add(&p, "trade_no", b->trade_no);
    ch_alipay_add(&p, "auth_app_id", reg->alipay_appid);
    ch_alipay_add(&p, "version", "1.0");
    ch_alipay_add(&p, "app_id", reg->alipay_appid);
    ch_alipay_add(&p, "seller_id", reg->alipay_seller);
    ch_alipay_add(&p, "timestamp", ch_beijing(r->a, ch_now_ms() / 1000, ALIPAY_TIME));
    alipay_sign(r->a, &p);
    return sandbox_url_with(r->a, b->return_url, ch_alipay_form(r->a, &p));
}

static enum ch_err show_bill(struct ch_req *r, const struct bill *b)
{
    return ch_reply_html(
        r, 200,
        ch_printf(r->a,
                  HEAD STYLE
                  "<h1>%s</h1><p class=\"sum\">¥ %s</p><dl><dt>商品</dt><dd>%s</dd><dt>商户订单号</dt><dd>%s</dd>"
                  "<dt>请在此之前付款</dt><dd>%s</dd></dl>"
                  "<form method=\"post\" action=\"/cashier/%s/pay\"><button>确认付款</button></form>"
                  "<form method=\"post\" action=\"/cashier/%s/quit\"><button class=\"other\">放弃付款</button></form>" FOOT,
                  html_escape(r->a, sandbox_register()->merchant_name), ch_amount_yuan(r->a, b->total),
                  html_escape(r->a, b->subject), html_escape(r->a, b->no), ch_beijing(r->a, b->expires, "%m-%d %H:%M"),
                  b->code, b->code));
}

static enum ch_err show_state(struct ch_req *r, const struct bill *b, bool there)
{
    if (!there)
        return show_message(r, 404, "链接无效", "请在商户页面重新发起付款。");
    bool open = strcmp(b->state, "ORDERED") == 0 || strcmp(b->state, "WAIT_BUYER_PAY") == 0;
    bool paid = strcmp(b->state, "TRADE_SUCCESS") == 0 || strcmp(b->state, "TRADE_FINISHED") == 0;
    if (paid)
        return b->return_url != NULL ? show_redirect(r, signed_return_url(r, b), "付款成功")
                                     : show_message(r, 200, "付款成功", "请回到商户页面，它会自动继续。");
    return open ? show_bill(r, b) : show_message(r, 410, "交易已关闭", "订单已超时或已关闭，请在商户页面重新发起付款。");
}

enum ch_err sandbox_alipay_cashier(struct ch_req *r)
{
    struct bill b;
    bool there;

    if (!sandbox_host(r, ALIPAY_HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Alipay's host");
    enum ch_err e = begin_trade(r, ch_var(r, "code"), &b, &there);
    return e == CH_OK ? show_state(r, &b, there) : e;
}

enum ch_err sandbox_alipay_error(struct ch_req *r)
{
    const char *code = ch_query(r, "code");

    if (!sandbox_host(r, ALIPAY_HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Alipay's host");
    code = code != NULL ? code : "";
    return show_message(r, 400, "无法付款", ch_printf(r->a, "%s（%s）", alipay_sentence(code), html_escape(r->a, code)));
}

static enum ch_err pay_code(struct ch_req *r, const char *code, const char **state)
{
    const char *buyer = ch_printf(r->a, "2088%s", ch_random_text(r->a, "0123456789", 12));
    return ch_run_text(r,
                       CH_CALL(&sandbox_alipay_pay, ch_p_text(code), ch_p_text(alipay_trade_no(r->a)), ch_p_text(buyer),
                               ch_p_text(alipay_notify_id(r->a)), ch_p_text(sandbox_scaled(r->a, ALIPAY_LATE_SECONDS))),
                       state);
}

enum ch_err sandbox_alipay_cashier_pay(struct ch_req *r)
{
    const char *code = ch_var(r, "code"), *state;
    struct bill b;
    bool there;

    if (!sandbox_host(r, ALIPAY_HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Alipay's host");
    enum ch_err e = pay_code(r, code, &state);
    if (e == CH_OK)
        e = find_bill(r, code, &b, &there);
    return e == CH_OK ? show_state(r, &b, there) : e;
}

/* The payer leaves without paying. The trade stays open, so that the payer may come back. */
enum ch_err sandbox_alipay_cashier_quit(struct ch_req *r)
{
    struct bill b;
    bool there;

    if (!sandbox_host(r, ALIPAY_HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Alipay's host");
    enum ch_err e = find_bill(r, ch_var(r, "code"), &b, &there);
    if (e != CH_OK)
        return e;
    if (!there || b.return_url == NULL)
        return show_message(r, 200, "已放弃付款", "订单仍然有效，可以在商户页面重新付款。");
    return show_redirect(r, b.return_url, "已放弃付款");
}

/* --- the newcomer's phone: the same trade, with the states of the phone's API --- */

bool alipay_is_code(const char *text)
{
    return strncmp(text, "bax", 3) == 0 && strlen(text) == 24 && strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz") == 24;
}

static const char *phone_state(const char *state)
{
    if (strcmp(state, "ORDERED") == 0 || strcmp(state, "WAIT_BUYER_PAY") == 0)
        return "NOTPAY";
    return strcmp(state, "TRADE_CLOSED") == 0 ? "CLOSED" : "SUCCESS";
}

enum ch_err alipay_phone_cashier(struct ch_req *r, const char *code)
{
    struct bill b;
    struct ch_jw w;
    bool there;
    enum ch_err e = begin_trade(r, code, &b, &there);

    if (e != CH_OK)
        return e;
    if (!there)
        return ch_fail(r, CH_E_NOT_FOUND, "no such code");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "description", b.subject);
    ch_jw_int(&w, "total", b.total);
    ch_jw_text(&w, "state", phone_state(b.state));
    ch_jw_text(&w, "expires_at", ch_rfc3339(r->a, b.expires));
    ch_jw_text(&w, "merchant", sandbox_register()->merchant_name);
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

enum ch_err alipay_phone_pay(struct ch_req *r, const char *code)
{
    const char *state;
    struct ch_jw w;
    enum ch_err e = pay_code(r, code, &state);

    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "state", phone_state(state));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
