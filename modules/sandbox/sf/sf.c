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

static bool is(const char *s, const char *wanted)
{
    return s != NULL && strcmp(s, wanted) == 0;
}

static const char *text(const struct ch_json *obj, const char *key)
{
    const char *s = ch_json_text(obj, key);
    return s != NULL ? s : "";
}

/* The gateway's answer; `data` is JSON that goes into it as a string, or NULL. */
static enum ch_err api(struct ch_req *r, const char *code, const char *message, const char *data)
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

/* The service's answer within it; `msg_data` is JSON, or NULL. */
static enum ch_err service(struct ch_req *r, const char *code, const char *message, const char *msg_data)
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
    return api(r, "A1000", "", ch_jw_done(&w));
}

/* --- order --- */

static const struct ch_json *contact(const struct ch_json *msg, int64_t type)
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
    return *text(c, "contact") != '\0' && courier_mobile(text(c, "mobile")) && *text(c, "address") != '\0' &&
           *text(c, "province") != '\0' && *text(c, "city") != '\0' && is(text(c, "country"), "CN");
}

struct refusal {
    const char *code, *message;
};

static struct refusal order_fault(const struct ch_json *msg)
{
    const struct ch_json *cargo = ch_json_get(msg, "cargoDetails");
    size_t number = strlen(text(msg, "orderId"));
    int64_t pay;

    if (number < 1 || number > 64 || !is(text(msg, "language"), "zh-CN"))
        return (struct refusal){"1010", "客户订单号不能为空且不超过64位"};
    if (cargo == NULL || cargo->kind != CH_JSON_ARRAY || cargo->count < 1 || *text(cargo->first, "name") == '\0')
        return (struct refusal){"1011", "托寄物名称不能为空"};
    if (!contact_fits(contact(msg, 1)))
        return (struct refusal){"8039", "寄件方信息不正确"};
    if (!contact_fits(contact(msg, 2)))
        return (struct refusal){"8040", "收件方信息不正确"};
    if (!ch_json_int(msg, "payMethod", &pay) || pay < 1 || pay > 3)
        return (struct refusal){"1012", "付款方式不正确"};
    if (pay == 1 && !is(text(msg, "monthlyCard"), sandbox_register()->sf_monthly_card))
        return (struct refusal){"6126", "月结卡号不合法"};
    return (struct refusal){NULL, NULL};
}

static char *order_answer(struct ch_arena *a, const struct ch_rows *row)
{
    int64_t filter = ch_col_int(row, 0, "filter");
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "orderId", ch_col(row, 0, "order_id"));
    ch_jw_text(&w, "originCode", "755");
    ch_jw_text(&w, "destCode", "755");
    ch_jw_int(&w, "filterResult", filter);
    ch_jw_text(&w, "remark", filter == 3 ? "收方超出服务范围" : "");
    if (filter == 2) {
        ch_jw_array(&w, "waybillNoInfoList");
        ch_jw_object(&w, NULL);
        ch_jw_int(&w, "waybillType", 1);
        ch_jw_text(&w, "waybillNo", ch_col(row, 0, "waybill"));
        ch_jw_end_object(&w);
        ch_jw_end_array(&w);
    } else
        ch_jw_null(&w, "waybillNoInfoList");
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

static enum ch_err tell_order(struct ch_req *r, const char *order_id, const char *unknown)
{
    struct ch_rows row;
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("sf"), ch_p_text(order_id)), &row);

    if (e != CH_OK)
        return e;
    if (row.n != 1)
        return service(r, unknown, "未获取到订单信息", NULL);
    return service(r, "S0000", NULL, order_answer(r->a, &row));
}

static enum ch_err create(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    struct refusal fault = order_fault(msg);
    const struct ch_json *from = contact(msg, 1), *to = contact(msg, 2);
    bool taken, silent;

    if (fault.code != NULL)
        return service(r, fault.code, fault.message, NULL);
    const struct courier_parcel p = {
        .courier = "sf",
        .order_id = text(msg, "orderId"),
        .waybill = ch_printf(r->a, "SF7%s", ch_random_text(r->a, "0123456789", 12)),
        .sender = text(from, "mobile"),
        .receiver = text(to, "mobile"),
        .origin = text(from, "city"),
        .city = text(to, "city"),
        .address = text(to, "address"),
        .message = raw,
    };
    enum ch_err e = courier_take(r, &p, &taken);
    if (e == CH_OK)
        e = sandbox_switched(r, "sf.timeout_after_taking", &silent);
    if (e != CH_OK)
        return e;
    if (silent)
        return courier_silence(r);
    return taken ? tell_order(r, p.order_id, "8018") : service(r, "8016", "重复下单", NULL);
}

static enum ch_err search(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    (void)raw;
    return tell_order(r, text(msg, "orderId"), "8018");
}

/* --- cancel --- */

static enum ch_err update(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    const char *no = text(msg, "orderId");
    struct ch_rows done, row;
    int64_t deal;

    (void)raw;
    if (!ch_json_int(msg, "dealType", &deal) || deal != 2)
        return service(r, "1013", "仅支持取消订单", NULL);
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_courier_cancel, ch_p_text("sf"), ch_p_text(no)), &done);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_courier_get, ch_p_text("sf"), ch_p_text(no)), &row);
    if (e != CH_OK)
        return e;
    if (done.n == 1)
        return service(r, "S0000", NULL, "{\"resStatus\":2,\"waybillNoInfoList\":[]}");
    if (row.n == 0)
        return service(r, "6150", "找不到该订单", NULL);
    return ch_col_bool(&row, 0, "cancelled") ? service(r, "8037", "已消单", NULL)
                                             : service(r, "8019", "订单已确认，不能取消", NULL);
}

/* --- routes --- */

static void put_route(struct ch_jw *w, const struct ch_rows *rows, int i)
{
    ch_jw_object(w, NULL);
    ch_jw_text(w, "acceptTime", ch_col(rows, i, "at"));
    ch_jw_text(w, "acceptAddress", ch_col(rows, i, "place"));
    ch_jw_text(w, "remark", ch_col(rows, i, "remark"));
    ch_jw_text(w, "opCode", ch_col(rows, i, "code"));
    ch_jw_end_object(w);
}

/* A stranger who knows a waybill learns nothing: without the last four digits of a phone the list is empty. */
static bool may_see(const struct ch_rows *row, const char *check)
{
    const char *from = ch_col(row, 0, "sender"), *to = ch_col(row, 0, "receiver");
    return strlen(check) == 4 && (strcmp(from + 7, check) == 0 || strcmp(to + 7, check) == 0);
}

static enum ch_err routes(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw)
{
    const struct ch_json *list = ch_json_get(msg, "trackingNumber");
    bool one = list != NULL && list->kind == CH_JSON_ARRAY && list->count == 1 && list->first->kind == CH_JSON_STRING;
    struct ch_rows row, rows;
    int64_t type;
    struct ch_jw w;

    (void)raw;
    if (!ch_json_int(msg, "trackingType", &type) || type != 1 || !one)
        return service(r, "1014", "查询号不正确", NULL);
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
    for (int i = 0; row.n == 1 && may_see(&row, text(msg, "checkPhoneNo")) && i < rows.n; i++)
        put_route(&w, &rows, i);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return service(r, "S0000", NULL, ch_jw_done(&w));
}

/* --- the gateway --- */

static const struct {
    const char *code;
    enum ch_err (*run)(struct ch_req *r, const struct ch_json *msg, struct ch_bytes raw);
} services[] = {
    {"EXP_RECE_CREATE_ORDER", create},
    {"EXP_RECE_SEARCH_ORDER_RESP", search},
    {"EXP_RECE_SEARCH_ROUTES", routes},
    {"EXP_RECE_UPDATE_ORDER", update},
};

static bool in_time(const char *timestamp)
{
    return strlen(timestamp) == 13 && strspn(timestamp, "0123456789") == 13 &&
           llabs(strtoll(timestamp, NULL, 10) - ch_now_ms()) <= WINDOW_MS;
}

static const char *field(struct ch_req *r, const char *name)
{
    const char *s = ch_formdata_field(r->a, r->raw, name);
    return s != NULL ? s : "";
}

static struct refusal call_fault(struct ch_req *r, const char *msg_data)
{
    const struct sandbox_register *reg = sandbox_register();
    const char *timestamp = field(r, "timestamp"), *digest = field(r, "msgDigest");
    enum ch_sf_digest how = ch_sf_digest_of(ch_conf(CONF_SF_DIGEST)); /* both sides read the console's choice */

    if (*msg_data == '\0' || *timestamp == '\0' || *digest == '\0' || *field(r, "requestID") == '\0')
        return (struct refusal){"A1001", "必传参数不可为空"};
    if (!is(field(r, "partnerID"), reg->sf_partner))
        return (struct refusal){"A1004", "无对应服务权限"};
    if (!in_time(timestamp))
        return (struct refusal){"A1002", "请求时效已过期"};
    const char *right = ch_sf_sign(r->a, how, CH_BYTES(msg_data, strlen(msg_data)), timestamp, reg->sf_checkword);
    if (!ch_same(CH_BYTES(digest, strlen(digest)), CH_BYTES(right, strlen(right))))
        return (struct refusal){"A1006", "数字签名无效"};
    return (struct refusal){NULL, NULL};
}

enum ch_err sandbox_sf(struct ch_req *r)
{
    const char *msg_data = field(r, "msgData"), *code = field(r, "serviceCode");
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
        return api(r, fault.code, fault.message, NULL);
    if (ch_json_parse(r->a, raw, &msg, NULL) != CH_JSON_OK || msg->kind != CH_JSON_OBJECT)
        return api(r, "A1008", "msgData 不是合法的 JSON", NULL);
    for (size_t i = 0; i < CH_COUNT(services); i++)
        if (strcmp(services[i].code, code) == 0)
            return services[i].run(r, msg, raw);
    return api(r, "A1004", "无对应服务权限", NULL);
}
