/* SPDX-License-Identifier: Apache-2.0
 * JD Logistics' open platform: orders of a customer with a contract. */
#include "modules/sandbox/jd/jd.h"

#include "core/base/random.h"
#include "core/gateway/jd/sign.h"
#include "modules/sandbox/register.h"

#include <string.h>

#define HOST "127.0.0.19"

/* Answers as the service behind the gateway; `data` is JSON, or NULL. */
static enum ch_err answer_service(struct ch_req *r, int64_t code, const char *message, const char *data)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_int(&w, "code", code);
    ch_jw_text(&w, "msg", message);
    ch_jw_bool(&w, "success", code == 0);
    ch_jw_text(&w, "requestId", r->id);
    if (data != NULL)
        ch_jw_raw(&w, "data", data);
    ch_jw_end_object(&w);
    return sandbox_answer(r, 200, "application/json;charset=UTF-8", ch_jw_done(&w));
}

/* Refuses as the gateway, before the service is reached. */
static enum ch_err refuse_call(struct ch_req *r, int64_t code, const char *sentence)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "error_response");
    ch_jw_int(&w, "code", code);
    ch_jw_text(&w, "zh_desc", sentence);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return sandbox_answer(r, 200, "application/json;charset=UTF-8", ch_jw_done(&w));
}

static const char *call_fault(struct ch_req *r, int64_t *code)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *sign = ch_query(r, "sign"), *uri = ch_fcgi(r, "REQUEST_URI");
    struct ch_jd_signed s = {
        .app_key = ch_query(r, "app_key"),
        .access_token = ch_query(r, "access_token"),
        .path = ch_strndup(r->a, uri, strcspn(uri, "?")),
        .timestamp = ch_query(r, "timestamp"),
        .body = r->raw,
    };

    *code = 16;
    if (!sandbox_is(ch_query(r, "LOP-DN"), "ECAP") || !sandbox_is(ch_query(r, "v"), "2.0") ||
        !sandbox_is(ch_query(r, "algorithm"), "md5-salt"))
        return "系统参数不正确";
    *code = 12;
    if (!sandbox_is(s.app_key, reg->jd_appkey))
        return "无效的 app_key";
    *code = 19;
    if (!sandbox_is(s.access_token, reg->jd_token))
        return "access_token 无效或已过期";
    *code = 14;
    if (!courier_in_time(s.timestamp) || !sandbox_is(ch_fcgi(r, "HTTP_LOP_TZ"), "8"))
        return "时间戳无效";
    *code = 15;
    const char *right = ch_jd_sign(r->a, reg->jd_secret, &s);
    bool same = sign != NULL && ch_same(CH_BYTES(sign, strlen(sign)), CH_BYTES(right, strlen(right)));
    return same ? NULL : "签名验证失败";
}

/* True when the caller is the customer; *in is the only object of the body then. Otherwise the answer is written, and the
 * handler must return *e. */
static bool is_admitted(struct ch_req *r, const struct ch_json **in, enum ch_err *e)
{
    struct ch_json *root = NULL;
    int64_t code, origin;

    if (!sandbox_host(r, HOST)) {
        *e = ch_fail(r, CH_E_NOT_FOUND, "not JD's host");
        return false;
    }
    const char *fault = call_fault(r, &code);
    if (fault != NULL) {
        *e = refuse_call(r, code, fault);
        return false;
    }
    bool one = ch_json_parse(r->a, r->raw, &root, NULL) == CH_JSON_OK && root->kind == CH_JSON_ARRAY && root->count == 1;
    *in = one ? root->first : NULL;
    if (ch_json_int(*in, "orderOrigin", &origin) && origin == 1 &&
        sandbox_is(ch_json_text(*in, "customerCode"), sandbox_register()->jd_customer))
        return true;
    *e = answer_service(r, 1001, "下单来源或客户编码不正确", NULL);
    return false;
}

static bool contact_fits(const struct ch_json *c)
{
    return *sandbox_text(c, "name") != '\0' && courier_mobile(sandbox_text(c, "mobile")) &&
           *sandbox_text(c, "fullAddress") != '\0';
}

static const char *order_fault(const struct ch_json *in)
{
    const struct ch_json *cargo = ch_json_get(in, "cargoes");
    size_t number = strlen(sandbox_text(in, "orderId"));
    int64_t settle;

    if (number < 1 || number > 50)
        return "商家订单号不能为空且不超过50位";
    if (!contact_fits(ch_json_get(in, "senderContact")) || !contact_fits(ch_json_get(in, "receiverContact")))
        return "寄件人或收件人信息不正确";
    if (*sandbox_text(ch_json_get(in, "productsReq"), "productCode") == '\0')
        return "主产品编码不能为空";
    if (!ch_json_int(in, "settleType", &settle) || settle < 1 || settle > 3)
        return "结算方式不正确";
    if (cargo == NULL || cargo->kind != CH_JSON_ARRAY || cargo->count < 1 || *sandbox_text(cargo->first, "name") == '\0')
        return "货品信息不能为空";
    if (*sandbox_text(ch_json_get(in, "commonChannelInfo"), "channelCode") == '\0')
        return "渠道信息不能为空";
    return NULL;
}

/* "广东省深圳市南山区…" -> "深圳市"; the whole address when it names no city. */
static const char *city_of(struct ch_arena *a, const char *address)
{
    const char *province = strstr(address, "省"), *from = province != NULL ? province + strlen("省") : address;
    const char *city = strstr(from, "市");

    return city != NULL ? ch_strndup(a, from, (size_t)(city - from) + strlen("市")) : address;
}

static enum ch_err answer_with_order(struct ch_req *r, const struct courier_parcel *p)
{
    struct ch_bytes hash = ch_sha256_of(r->a, p->message);
    struct ch_rows row;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("jd"), ch_p_text(p->order_id)), &row);

    if (e != CH_OK)
        return e;
    if (row.n != 1 || !ch_same(ch_col_bytes(&row, r->a, 0, "message"), hash))
        return answer_service(r, 1005, "商家订单号重复", NULL);
    if (ch_col_int(&row, 0, "filter") == 3)
        return answer_service(r, 1010, "收件地址超出服务范围", NULL);
    return answer_service(r, 0, "成功",
                          ch_printf(r->a, "{\"orderCode\":\"ECO%s\",\"waybillCode\":\"%s\"}",
                                    ch_col(&row, 0, "waybill") + 4, ch_col(&row, 0, "waybill")));
}

enum ch_err sandbox_jd_create(struct ch_req *r)
{
    const struct ch_json *in;
    enum ch_err e;
    bool taken;

    if (!is_admitted(r, &in, &e))
        return e;
    const char *fault = order_fault(in);
    if (fault != NULL)
        return answer_service(r, 1002, fault, NULL);
    const struct ch_json *from = ch_json_get(in, "senderContact"), *to = ch_json_get(in, "receiverContact");
    const struct courier_parcel p = {
        .courier = "jd",
        .order_id = sandbox_text(in, "orderId"),
        .waybill = ch_printf(r->a, "JDVA%s", ch_random_text(r->a, "0123456789", 11)),
        .sender = sandbox_text(from, "mobile"),
        .receiver = sandbox_text(to, "mobile"),
        .origin = city_of(r->a, sandbox_text(from, "fullAddress")),
        .city = city_of(r->a, sandbox_text(to, "fullAddress")),
        .address = sandbox_text(to, "fullAddress"),
        .message = r->raw,
    };
    e = courier_take(r, &p, &taken);
    return e == CH_OK ? answer_with_order(r, &p) : e;
}

enum ch_err sandbox_jd_cancel(struct ch_req *r)
{
    const struct ch_json *in;
    struct ch_rows done, row;
    enum ch_err e;

    if (!is_admitted(r, &in, &e))
        return e;
    const char *no = sandbox_text(in, "customerOrderId");
    e = ch_run(r, CH_CALL(&sandbox_courier_cancel, ch_p_text("jd"), ch_p_text(no)), &done);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("jd"), ch_p_text(no)), &row);
    if (e != CH_OK)
        return e;
    if (row.n == 0)
        return answer_service(r, 1003, "未查询到订单", NULL);
    if (done.n == 0 && !ch_col_bool(&row, 0, "cancelled"))
        return answer_service(r, 1004, "订单已揽收，不能取消", NULL);
    return answer_service(r, 0, "成功",
                          ch_printf(r->a, "{\"waybillCode\":\"%s\",\"resultType\":1}", ch_col(&row, 0, "waybill")));
}

enum ch_err sandbox_jd_trace(struct ch_req *r)
{
    const struct ch_json *in;
    struct ch_rows rows;
    struct ch_jw w;
    enum ch_err e;

    if (!is_admitted(r, &in, &e))
        return e;
    const char *waybill = sandbox_text(in, "waybillCode");
    e = ch_run(r, CH_CALL(&sandbox_courier_routes, ch_p_text("jd"), ch_p_text(waybill)), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "traceDetails");
    for (int i = 0; i < rows.n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "waybillCode", waybill);
        ch_jw_text(&w, "operationTime", ch_col(&rows, i, "at"));
        ch_jw_text(&w, "operationRemark", ch_col(&rows, i, "remark"));
        ch_jw_text(&w, "categoryName", ch_col(&rows, i, "category"));
        ch_jw_text(&w, "operationSite", ch_col(&rows, i, "place"));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return answer_service(r, 0, "成功", ch_jw_done(&w));
}

const struct ch_route sandbox_jd_routes[] = {
    {"POST", "/ecap/v1/orders/create", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.jd_create", sandbox_jd_create},
    {"POST", "/ecap/v1/orders/cancel", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.jd_cancel", sandbox_jd_cancel},
    {"POST", "/ecap/v1/orders/trace/query", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.jd_trace", sandbox_jd_trace},
    {0},
};
