/* SPDX-License-Identifier: Apache-2.0
 * Alipay's gateway: one address for all methods, with parameters in the query and in the body. The checks are as strict as the
 * vendor's, with its error codes. Every answer is signed, except the one to an unknown app_id. */
#include "modules/sandbox/alipay/alipay.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/alipay/answer.h"
#include "modules/sandbox/register.h"

#include <string.h>
#include <strings.h>

#define CLOCK_MAY_BE_OFF 600

static const struct method {
    const char *name;
    alipay_method *run;
    bool takes;
} methods[] = {
    {"alipay.trade.page.pay", alipay_page_pay, false},
    {"alipay.trade.wap.pay", alipay_page_pay, false},
    {"alipay.trade.precreate", alipay_precreate, true},
    {"alipay.trade.query", alipay_query, false},
    {"alipay.trade.close", alipay_close, true},
    {"alipay.trade.refund", alipay_refund, true},
    {"alipay.trade.fastpay.refund.query", alipay_refund_query, false},
    {"alipay.data.dataservice.bill.downloadurl.query", alipay_bill_url, false},
};

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < CH_COUNT(methods); i++)
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    return NULL;
}

/* The same JSON as another writer might write it: with escaped slashes, and with Chinese both plain and escaped. */
static const char *with_escapes(struct ch_arena *a, const char *node)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_puts(&b, "{\"note\":\"\\u652f付宝 a\\/b \\\"}\\\"\",");
    for (const char *s = node + 1; *s != '\0'; s++) {
        if (*s == '/')
            ch_buf_putc(&b, '\\');
        ch_buf_putc(&b, *s);
    }
    return b.p;
}

static enum ch_err send_node(struct ch_req *r, const char *name, const char *node, bool is_signed)
{
    bool wrong, escapes;
    enum ch_err e = sandbox_switched(r, "alipay.bad_signature", &wrong);

    if (e == CH_OK)
        e = sandbox_switched(r, "alipay.escapes", &escapes);
    if (e != CH_OK)
        return e;
    if (escapes)
        node = with_escapes(r->a, node);
    char *sign = alipay_pen(r->a, node);
    if (wrong)
        sign[10] = sign[10] == 'A' ? 'B' : 'A';
    ch_header(r, "trace_id", ch_printf(r->a, "21%s", r->id));
    return sandbox_answer(r, 200, "text/html;charset=utf-8",
                          is_signed ? ch_printf(r->a, "{\"%s\":%s,\"sign\":\"%s\"}", name, node, sign)
                                    : ch_printf(r->a, "{\"%s\":%s}", name, node));
}

static char *error_node(struct ch_arena *a, const char *code, const char *msg, const char *sub_code, const char *sub_msg)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "code", code);
    ch_jw_text(&w, "msg", msg);
    ch_jw_text(&w, "sub_code", sub_code);
    ch_jw_text(&w, "sub_msg", sub_msg);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

void alipay_begin(struct ch_req *r, struct ch_jw *w)
{
    ch_jw_init(w, r->a);
    ch_jw_object(w, NULL);
    ch_jw_text(w, "code", "10000");
    ch_jw_text(w, "msg", "Success");
}

enum ch_err alipay_end(struct ch_req *r, const struct alipay_call *c, struct ch_jw *w)
{
    const char *name = ch_alipay_node_name(r->a, c->method), *node;
    bool broken = false, silent = false;
    enum ch_err e = CH_OK;

    ch_jw_end_object(w);
    node = ch_jw_done(w);
    if (c->takes)
        e = sandbox_switched(r, "alipay.error_after_taking", &broken);
    if (c->takes && e == CH_OK)
        e = sandbox_switched(r, "alipay.timeout_after_taking", &silent);
    if (e != CH_OK)
        return e;
    if (silent)
        return sandbox_silence(r);
    if (broken)
        node = error_node(r->a, "20000", "Service Currently Unavailable", "isp.unknow-error", "系统繁忙");
    return send_node(r, name, node, true);
}

const char *alipay_sentence(const char *sub_code)
{
    static const struct {
        const char *word, *sentence;
    } rows[] = {
        {"ACQ.TRADE_NOT_EXIST", "交易不存在"},
        {"ACQ.TRADE_HAS_SUCCESS", "交易已被支付"},
        {"ACQ.TRADE_HAS_CLOSE", "交易已经关闭"},
        {"ACQ.TRADE_HAS_FINISHED", "交易已完结"},
        {"ACQ.TRADE_STATUS_ERROR", "交易状态不合法"},
        {"ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"},
        {"ACQ.INVALID_PARAMETER", "参数无效"},
        {"ACQ.DISCORDANT_REPEAT_REQUEST", "同一退款请求号的金额不一致"},
        {"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"},
        {"ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"},
        {"isp.bill_not_exist", "账单不存在"},
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++)
        if (strcmp(rows[i].word, sub_code) == 0)
            return rows[i].sentence;
    return strncmp(sub_code, "isv.", 4) == 0 ? "商户发来的付款请求有误" : "业务处理失败";
}

enum ch_err alipay_refuse(struct ch_req *r, const struct alipay_call *c, const char *sub_code)
{
    const char *node = error_node(r->a, "40004", "Business Failed", sub_code, alipay_sentence(sub_code));
    return send_node(r, ch_alipay_node_name(r->a, c->method), node, true);
}

const char *alipay_number(const struct alipay_call *c)
{
    const char *ours = ch_json_text(c->biz, "out_trade_no");
    return ours != NULL ? ours : ch_json_text(c->biz, "trade_no");
}

char *alipay_trade_no(struct ch_arena *a)
{
    return ch_printf(a, "%s220014%s", ch_beijing(a, ch_now_ms() / 1000, "%Y%m%d"), ch_random_text(a, "0123456789", 14));
}

char *alipay_notify_id(struct ch_arena *a)
{
    return ch_printf(a, "%s00222%s", ch_beijing(a, ch_now_ms() / 1000, "%Y%m%d"), ch_random_text(a, "0123456789abcdef", 20));
}

/* A refusal by the gateway, before the method itself is reached. */
struct fault {
    const char *code, *msg, *sub_code, *sub_msg;
};
static const struct fault bad_app = {"40002", "Invalid Arguments", "isv.invalid-app-id", "无效的AppID参数"};
static const struct fault bad_biz = {"40002", "Invalid Arguments", "isv.invalid-parameter", "biz_content 不是合法的 JSON"};
static const struct fault bad_form = {"40002", "Invalid Arguments", "isv.invalid-parameter", "参数无法解析"};

/* The required public parameters and their values; NULL: any value. */
static const struct {
    const char *name, *value;
    struct fault missing, wrong;
} required[] = {
#define MISSING(word, sentence) \
    { \
        "40001", "Missing Required Arguments", word, sentence \
    }
#define WRONG(word, sentence) \
    { \
        "40002", "Invalid Arguments", word, sentence \
    }
    {"method", NULL, MISSING("isv.missing-method", "缺少方法名参数"), {0}},
    {"app_id", NULL, MISSING("isv.missing-app-id", "缺少AppID参数"), {0}},
    {"sign", NULL, MISSING("isv.missing-signature", "缺少签名参数"), {0}},
    {"sign_type", "RSA2", MISSING("isv.missing-signature-type", "缺少签名类型参数"),
     WRONG("isv.invalid-signature-type", "无效签名类型")},
    {"charset", "utf-8", WRONG("isv.invalid-charset", "字符集错误"), WRONG("isv.invalid-charset", "字符集错误")},
    {"version", "1.0", MISSING("isv.missing-version", "缺少版本参数"), WRONG("isv.invalid-parameter", "参数无效")},
    {"timestamp", NULL, MISSING("isv.missing-timestamp", "缺少时间戳参数"), {0}},
    {"biz_content", NULL, MISSING("isv.missing-parameter", "缺少 biz_content 参数"), {0}},
#undef MISSING
#undef WRONG
};

static const struct fault *parameter_fault(const struct ch_alipay_params *p)
{
    static const struct fault bad_format = {"40002", "Invalid Arguments", "isv.invalid-format", "无效的数据格式"};
    const char *format = ch_alipay_get(p, "format");

    for (size_t i = 0; i < CH_COUNT(required); i++) {
        const char *value = ch_alipay_get(p, required[i].name);
        if (value == NULL)
            return &required[i].missing;
        if (required[i].value != NULL && strcasecmp(value, required[i].value) != 0)
            return &required[i].wrong;
    }
    return format != NULL && strcasecmp(format, "JSON") != 0 ? &bad_format : NULL;
}

static const struct fault *time_or_signature_fault(struct ch_req *r, const struct ch_alipay_params *p)
{
    static const struct fault bad_time = {"40002", "Invalid Arguments", "isv.invalid-timestamp", "非法的时间戳参数"};
    static const struct fault bad_sign = {"40002", "Invalid Arguments", "isv.invalid-signature",
                                          "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配"};
    int64_t off = ch_alipay_time(ch_alipay_get(p, "timestamp")) - ch_now_ms() / 1000;
    const char *text = ch_alipay_text(r->a, p, CH_ALIPAY_REQUEST);

    if (off < -CLOCK_MAY_BE_OFF || off > CLOCK_MAY_BE_OFF)
        return &bad_time;
    const char *sign = ch_alipay_get(p, "sign");
    bool ok = ch_alipay_verify(r->a, sandbox_register()->alipay_app, CH_BYTES(text, strlen(text)), sign);
    return ok ? NULL : &bad_sign;
}

static const struct fault *call_fault(struct ch_req *r, struct alipay_call *c, const struct method **m)
{
    static const struct fault bad_method = {"40002", "Invalid Arguments", "isv.invalid-method", "不存在的方法名"};
    const char *query = ch_fcgi(r, "QUERY_STRING"), *app;
    struct ch_json *biz = NULL;

    if (!ch_alipay_read_form(r->a, CH_BYTES(query, strlen(query)), &c->params) ||
        !ch_alipay_read_form(r->a, r->raw, &c->params))
        return &bad_form;
    c->method = ch_alipay_get(&c->params, "method");
    *m = c->method != NULL ? find_method(c->method) : NULL;
    app = ch_alipay_get(&c->params, "app_id");
    if (app != NULL && strcmp(app, sandbox_register()->alipay_appid) != 0)
        return &bad_app;
    const struct fault *f = parameter_fault(&c->params);
    if (f == NULL && *m == NULL)
        f = &bad_method;
    if (f == NULL)
        f = time_or_signature_fault(r, &c->params);
    if (f != NULL)
        return f;
    const char *text = ch_alipay_get(&c->params, "biz_content");
    if (ch_json_parse(r->a, CH_BYTES(text, strlen(text)), &biz, NULL) != CH_JSON_OK || biz->kind != CH_JSON_OBJECT)
        return &bad_biz;
    c->biz = biz;
    return NULL;
}

enum ch_err sandbox_alipay(struct ch_req *r)
{
    struct alipay_call c = {.method = NULL};
    const struct method *m = NULL;
    bool text_instead;

    if (!sandbox_host(r, ALIPAY_HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Alipay's host");
    const struct fault *f = call_fault(r, &c, &m);
    if (f != NULL && m != NULL && m->run == alipay_page_pay)
        return alipay_page_error(r, f->sub_code);
    if (f != NULL)
        return send_node(r, m != NULL ? ch_alipay_node_name(r->a, c.method) : "error_response",
                         error_node(r->a, f->code, f->msg, f->sub_code, f->sub_msg), f != &bad_app);
    enum ch_err e = sandbox_switched(r, "alipay.text_instead", &text_instead);
    if (e != CH_OK)
        return e;
    if (text_instead)
        return sandbox_answer(r, 200, "text/html;charset=utf-8", "<html><body><h1>系统繁忙</h1></body></html>");
    c.takes = m->takes;
    return m->run(r, &c);
}

const struct ch_route sandbox_alipay_routes[] = {
    {"GET", "/gateway.do", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.alipay_get", sandbox_alipay},
    {"POST", "/gateway.do", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.alipay", sandbox_alipay},
    {"GET", "/bill/{token}", CH_VENDOR, NULL, 0, CH_TX_SINGLE, "sandbox.alipay_bill", sandbox_alipay_bill},
    {"GET", "/cashier-error", CH_PUBLIC, NULL, 0, CH_TX_NONE, "sandbox.alipay_error", sandbox_alipay_error},
    {"GET", "/cashier/{code}", CH_PUBLIC, NULL, 0, CH_TX_SINGLE, "sandbox.alipay_cashier", sandbox_alipay_cashier},
    {"POST", "/cashier/{code}/pay", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.alipay_cashier_pay",
     sandbox_alipay_cashier_pay},
    {"POST", "/cashier/{code}/quit", CH_PUBLIC, NULL, CH_KB(1), CH_TX_SINGLE, "sandbox.alipay_cashier_quit",
     sandbox_alipay_cashier_quit},
    {0},
};

const struct sandbox_app sandbox_app_alipay = {"alipay", ALIPAY_CODE_URL, alipay_is_code, alipay_phone_cashier,
                                               alipay_phone_pay};
