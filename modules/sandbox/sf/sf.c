/* SPDX-License-Identifier: Apache-2.0
 * SF Express (丰桥): one address for all services. */
#include "modules/sandbox/sf/sf.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/gateway/formdata.h"
#include "core/gateway/sf/sign.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#define HOST "127.0.0.18"
#define WINDOW_MS 300000

/* Answers as the gateway; `data` is JSON that is put into the answer as a string, or NULL. */
static enum ch_err answer_gateway(struct ch_req *r, const char *code, const char *message, const char *data)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "apiErrorMsg", message);
    ch_jw_text(&w, "apiResponseID", ch_random_text(r->a, "0123456789ABCDEF", 32));
    ch_jw_text(&w, "apiResultCode", code);
    ch_jw_text(&w, "apiResultData", data);
    ch_jw_end_object(&w);
    return sandbox_answer(r, 200, "application/json;charset=UTF-8", ch_jw_done(&w));
}

/* Answers as the service behind the gateway; `msg_data` is JSON, or NULL. */
static enum ch_err answer_service(struct ch_req *r, const char *code, const char *message, const char *msg_data)
{
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_bool(&w, "success", strcmp(code, "S0000") == 0);
    ch_jw_text(&w, "errorCode", code);
    ch_jw_text(&w, "errorMsg", message);
    if (msg_data != NULL)
        ch_jw_raw(&w, "msgData", msg_data);
    else
        ch_jw_null(&w, "msgData");
    ch_jw_end_object(&w);
    return answer_gateway(r, "A1000", "", ch_jw_done(&w));
}

/* --- order --- */

static const struct ch_json *find_contact(const struct ch_json *msg, int64_t type)
{
    const struct ch_json *list = ch_json_get(msg, "contactInfoList");
    int64_t t;

    if (list != NULL && list->kind == CH_JSON_ARRAY)
        for (const struct ch_json *c = list->first; c != NULL; c = c->next)
            if (ch_json_int(c, "contactType", &t) && t == type)
                return c;
    return NULL;
}

static bool contact_fits(const struct ch_json *c)
{
    return *sandbox_text(c, "contact") != '\0' && courier_mobile(sandbox_text(c, "mobile")) &&
           *sandbox_text(c, "address") != '\0' && *sandbox_text(c, "province") != '\0' &&
           *sandbox_text(c, "city") != '\0' && sandbox_is(sandbox_text(c, "country"), "CN");
}

struct refusal {
    const char *code, *message;
};

static struct refusal order_fault(const struct ch_json *msg)
{
    const struct ch_json *cargo = ch_json_get(msg, "cargoDetails");
    size_t number = strlen(sandbox_text(msg, "orderId"));
    int64_t pay;

    if (number < 1 || number > 64 || !sandbox_is(sandbox_text(msg, "language"), "zh-CN"))
        return (struct refusal){"1010", "客户订单号不能为空且不超过64位"};
    if (cargo == NULL || cargo->kind != CH_JSON_ARRAY || cargo->count < 1 || *sandbox_text(cargo->first, "name") == '\0')
        return (struct refusal){"1011", "托寄物名称不能为空"};
    if (!contact_fits(find_contact(msg, 1)))
        return (struct refusal){"8039", "寄件方信息不正确"};
    if (!contact_fits(find_contact(msg, 2)))
        return (struct refusal){"8040", "收件方信息不正确"};
    if (!ch_json_int(msg, "payMethod", &pay) || pay < 1 || pay > 3)
        return (struct refusal){"1012", "付款方式不正确"};
    if (pay == 1 && !sandbox_is(sandbox_text(msg, "monthlyCard"), sandbox_register()->sf_monthly_card))
        return (struct refusal){"6126", "月结卡号不合法"};
    return (struct refusal){NULL, NULL};
}

static enum ch_err answer_with_order(struct ch_req *r, const char *order_id, const char *unknown)
{
    struct ch_rows row;
    struct ch_jw w;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("sf"), ch_p_text(order_id)), &row);

    if (e != CH_OK)
        return e;
    if (row.n != 1)
        return answer_service(r, unknown, "未获取到订单信息", NULL);
    int64_t filter = ch_col_int(&row, 0, "filter");
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "orderId", ch_col(&row, 0, "order_id"));
    ch_jw_text(&w, "originCode", "755");
    ch_jw_text(&w, "destCode", "755");
    ch_jw_int(&w, "filterResult", filter);
    ch_jw_text(&w, "remark", filter == 3 ? "收方超出服务范围" : "");
    if (filter == 2) {
        ch_jw_array(&w, "waybillNoInfoList");
        ch_jw_object(&w, NULL);
        ch_jw_int(&w, "waybillType", 1);
        ch_jw_text(&w, "waybillNo", ch_col(&row, 0, "waybill"));
        ch_jw_end_object(&w);
        ch_jw_end_array(&w);
    } else
        ch_jw_null(&w, "waybillNoInfoList");
    ch_jw_end_object(&w);
    return answer_service(r, "S0000", NULL, ch_jw_done(&w));
}

static enum ch_err create_order(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    struct refusal fault = order_fault(msg);
    const struct ch_json *from = find_contact(msg, 1), *to = find_contact(msg, 2);
    bool taken, silent;

    if (fault.code != NULL)
        return answer_service(r, fault.code, fault.message, NULL);
    const struct courier_parcel p = {
        .courier = "sf",
        .order_id = sandbox_text(msg, "orderId"),
        .waybill = ch_printf(r->a, "SF7%s", ch_random_text(r->a, "0123456789", 12)),
        .sender = sandbox_text(from, "mobile"),
        .receiver = sandbox_text(to, "mobile"),
        .origin = sandbox_text(from, "city"),
        .city = sandbox_text(to, "city"),
        .address = sandbox_text(to, "address"),
        .message = raw,
    };
    enum ch_err e = courier_take(r, &p, &taken);
    if (e == CH_OK)
        e = sandbox_switched(r, "sf.timeout_after_taking", &silent);
    if (e != CH_OK)
        return e;
    if (silent)
        return sandbox_silence(r);
    return taken ? answer_with_order(r, p.order_id, "8018") : answer_service(r, "8016", "重复下单", NULL);
}

static enum ch_err search_order(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    (void)raw;
    return answer_with_order(r, sandbox_text(msg, "orderId"), "8018");
}

/* --- cancel --- */

static enum ch_err cancel_order(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    const char *no = sandbox_text(msg, "orderId");
    struct ch_rows done, row;
    int64_t deal;

    (void)raw;
    if (!ch_json_int(msg, "dealType", &deal) || deal != 2)
        return answer_service(r, "1013", "仅支持取消订单", NULL);
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_courier_cancel, ch_p_text("sf"), ch_p_text(no)), &done);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("sf"), ch_p_text(no)), &row);
    if (e != CH_OK)
        return e;
    if (done.n == 1)
        return answer_service(r, "S0000", NULL, "{\"resStatus\":2,\"waybillNoInfoList\":[]}");
    if (row.n == 0)
        return answer_service(r, "6150", "找不到该订单", NULL);
    return ch_col_bool(&row, 0, "cancelled") ? answer_service(r, "8037", "已消单", NULL)
                                             : answer_service(r, "8019", "订单已确认，不能取消", NULL);
}

/* --- routes --- */

/* The list is empty without the last four digits of the sender's or receiver's phone, so that a stranger who knows a waybill
 * learns nothing. */
static bool may_see(const struct ch_rows *row, const char *check)
{
    const char *from = ch_col(row, 0, "sender"), *to = ch_col(row, 0, "receiver");
    return strlen(check) == 4 && (strcmp(from + 7, check) == 0 || strcmp(to + 7, check) == 0);
}

static enum ch_err list_routes(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    const struct ch_json *list = ch_json_get(msg, "trackingNumber");
    bool one = list != NULL && list->kind == CH_JSON_ARRAY && list->count == 1 && list->first->kind == CH_JSON_STRING;
    struct ch_rows row, rows;
    int64_t type;
    struct ch_jw w;

    (void)raw;
    if (!ch_json_int(msg, "trackingType", &type) || type != 1 || !one)
        return answer_service(r, "1014", "查询号不正确", NULL);
    const char *waybill = list->first->text;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("sf"), ch_p_text(waybill)), &row);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_courier_routes, ch_p_text("sf"), ch_p_text(waybill)), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "routeResps");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "mailNo", waybill);
    ch_jw_array(&w, "routes");
    for (int i = 0; row.n == 1 && may_see(&row, sandbox_text(msg, "checkPhoneNo")) && i < rows.n; i++) {
        ch_jw_object(&w, NULL);
        ch_jw_text(&w, "acceptTime", ch_col(&rows, i, "at"));
        ch_jw_text(&w, "acceptAddress", ch_col(&rows, i, "place"));
        ch_jw_text(&w, "remark", ch_col(&rows, i, "remark"));
        ch_jw_text(&w, "opCode", ch_col(&rows, i, "code"));
        ch_jw_end_object(&w);
    }
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return answer_service(r, "S0000", NULL, ch_jw_done(&w));
}

/* --- the gateway --- */

static const struct {
    const char *code;
    enum ch_err (*run)(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw);
} services[] = {
    {"EXP_RECE_CREATE_ORDER", create_order},
    {"EXP_RECE_SEARCH_ORDER_RESP", search_order},
    {"EXP_RECE_SEARCH_ROUTES", list_routes},
    {"EXP_RECE_UPDATE_ORDER", cancel_order},
};

static const char *form_field(struct ch_req *r, const char *name)
{
    const char *s = ch_formdata_field(r->a, r->raw, name);
    return s != NULL ? s : "";
}

static struct refusal call_fault(struct ch_req *r, const char *msg_data)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *timestamp = form_field(r, "timestamp"), *digest = form_field(r, "msgDigest");
    enum ch_sf_digest how = ch_sf_digest_of(ch_conf(CONF_SF_DIGEST)); /* the choice in SF's console, known to both sides */

    if (*msg_data == '\0' || *timestamp == '\0' || *digest == '\0' || *form_field(r, "requestID") == '\0')
        return (struct refusal){"A1001", "必传参数不可为空"};
    if (!sandbox_is(form_field(r, "partnerID"), reg->sf_partner))
        return (struct refusal){"A1004", "无对应服务权限"};
    if (strlen(timestamp) != 13 || strspn(timestamp, "0123456789") != 13 ||
        llabs(strtoll(timestamp, NULL, 10) - ch_now_ms()) > WINDOW_MS)
        return (struct refusal){"A1002", "请求时效已过期"};
    const char *right = ch_sf_sign(r->a, how, CH_BYTES(msg_data, strlen(msg_data)), timestamp, reg->sf_checkword);
    if (!ch_same(CH_BYTES(digest, strlen(digest)), CH_BYTES(right, strlen(right))))
        return (struct refusal){"A1006", "数字签名无效"};
    return (struct refusal){NULL, NULL};
}

enum ch_err sandbox_sf(struct ch_req *r)
{
    const char *msg_data = form_field(r, "msgData"), *code = form_field(r, "serviceCode");
    struct ch_bytes raw = CH_BYTES(msg_data, strlen(msg_data));
    struct ch_json *msg = NULL;
    bool text_instead;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not SF's host");
    enum ch_err e = sandbox_switched(r, "sf.text_instead", &text_instead);
    if (e != CH_OK)
        return e;
    if (text_instead)
        return sandbox_answer(r, 200, "text/plain; charset=utf-8", "系统繁忙，请稍后再试");
    struct refusal fault = call_fault(r, msg_data);
    if (fault.code != NULL)
        return answer_gateway(r, fault.code, fault.message, NULL);
    if (ch_json_parse(r->a, raw, &msg, NULL) != CH_JSON_OK || msg->kind != CH_JSON_OBJECT)
        return answer_gateway(r, "A1008", "msgData 不是合法的 JSON", NULL);
    for (size_t i = 0; i < CH_COUNT(services); i++)
        if (strcmp(services[i].code, code) == 0)
            return services[i].run(r, msg, raw);
    return answer_gateway(r, "A1004", "无对应服务权限", NULL);
}

const struct ch_route sandbox_sf_routes[] = {
    {"POST", "/std/service", CH_VENDOR, NULL, SANDBOX_BODY, CH_TX_SINGLE, "sandbox.sf", sandbox_sf},
    {0},
};
