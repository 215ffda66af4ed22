/* SPDX-License-Identifier: Apache-2.0
 * SF Express: the calls of its open platform, and reading the answers. */
#include "core/gateway/sf/sf.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/formdata.h"
#include "core/gateway/keys.h"
#include "core/gateway/sf/sign.h"
#include "core/gateway/vendor.h"

#include <string.h>

#define REPEATED "8016"  /* SF has an order of this number already */
#define CANCELLED "8037" /* the order is cancelled already */

struct call {
    const char *service;
    const char *msg_data;
    bool once;
    const struct ch_json *data;
};

/* The object of a member. SF writes it as JSON text inside a string; a plain object is accepted too. */
static const struct ch_json *nested_object(struct ch_arena *a, const struct ch_json *obj, const char *key)
{
    const struct ch_json *node = ch_json_get(obj, key);
    struct ch_json *inner = NULL;

    if (node == NULL || node->kind != CH_JSON_STRING)
        return node;
    return ch_json_parse(a, CH_BYTES(node->text, strlen(node->text)), &inner, NULL) == CH_JSON_OK ? inner : NULL;
}

struct ch_answer ch_sf_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **data)
{
    /* Request expired, too many requests, service not reachable, system error: a later call may succeed. */
    static const char *const later[] = {"A1002", "A1005", "A1009", "A1099"};
    struct ch_json *root = NULL;

    *data = NULL;
    if (status != 200 || ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER(ch_printf(a, "status %ld, or the answer is not JSON", status));
    struct ch_answer out = {CH_REFUSED, ch_or_empty(ch_json_text(root, "apiResultCode")),
                            ch_or_empty(ch_json_text(root, "apiErrorMsg")),
                            ch_or_empty(ch_json_text(root, "apiResponseID"))};
    if (*out.code == '\0')
        return CH_BAD_ANSWER("the answer has no apiResultCode");
    if (strcmp(out.code, "A1000") != 0) {
        out.outcome = ch_code_is_one_of(out.code, later, CH_COUNT(later)) ? CH_UNKNOWN : CH_REFUSED;
        return out;
    }
    const struct ch_json *inner = nested_object(a, root, "apiResultData"), *success = ch_json_get(inner, "success");
    if (success == NULL || success->kind != CH_JSON_BOOL)
        return CH_BAD_ANSWER("the answer has no apiResultData");
    out.code = ch_or_empty(ch_json_text(inner, "errorCode"));
    out.message = ch_or_empty(ch_json_text(inner, "errorMsg"));
    if (success->truth) {
        out.outcome = CH_ACCEPTED;
        *data = nested_object(a, inner, "msgData");
    }
    return out;
}

static enum ch_err request_form(struct ch_arena *a, struct ch_fault *f, const struct call *c, struct ch_bytes *out)
{
    const char *checkword = ch_keys_secret(CONF_SF_CHECKWORD);
    enum ch_sf_digest how = ch_sf_digest_of(ch_conf(CONF_SF_DIGEST));
    const char *timestamp = ch_printf(a, "%lld", (long long)ch_now_ms());
    struct ch_buf form;

    if (checkword == NULL || how == CH_SF_NONE)
        return ch_fault(f, CH_E_INTERNAL, "sf: no check word, or an unknown value of setting sf_digest");
    ch_buf_init(&form, a);
    ch_formdata_put(&form, "partnerID", ch_conf(CONF_SF_PARTNER));
    ch_formdata_put(&form, "requestID", ch_uuid7(a));
    ch_formdata_put(&form, "serviceCode", c->service);
    ch_formdata_put(&form, "timestamp", timestamp);
    ch_formdata_put(&form, "msgDigest",
                    ch_sf_sign(a, how, CH_BYTES(c->msg_data, strlen(c->msg_data)), timestamp, checkword));
    ch_formdata_put(&form, "msgData", c->msg_data);
    *out = ch_buf_bytes(&form);
    return CH_OK;
}

static enum ch_err try_call(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct call *c = call;
    struct ch_http_response res;
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_conf(CONF_SF_URL),
        .headers = {"Content-Type: application/x-www-form-urlencoded;charset=UTF-8"},
        .once = c->once,
    };
    enum ch_err e = request_form(a, f, c, &req.body);

    if (e != CH_OK)
        return e;
    if (ch_vendor_send(a, f, CH_V_SF, &req, &res, answer, &e))
        *answer = ch_sf_answer(a, res.status, res.body, &c->data);
    return e;
}

static enum ch_err perform_call(struct ch_arena *a, struct ch_fault *f, struct call *c, struct ch_answer *answer)
{
    return ch_vendor_call(a, f, CH_V_SF, c->once ? CH_ONE_TRY : CH_REPEAT, try_call, c, answer);
}

static void put_contact(struct ch_jw *w, int64_t type, const struct ch_contact *c)
{
    ch_jw_object(w, NULL);
    ch_jw_int(w, "contactType", type);
    ch_jw_text(w, "company", c->company);
    ch_jw_text(w, "contact", c->name);
    ch_jw_text(w, "mobile", c->mobile);
    ch_jw_text(w, "country", "CN");
    ch_jw_text(w, "province", c->province);
    ch_jw_text(w, "city", c->city);
    ch_jw_text(w, "county", c->county);
    ch_jw_text(w, "address", c->address);
    ch_jw_end_object(w);
}

static char *order_data(struct ch_arena *a, const struct ch_parcel *p)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "language", "zh-CN");
    ch_jw_text(&w, "orderId", p->order_id);
    ch_jw_array(&w, "cargoDetails");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "name", p->cargo);
    ch_jw_int(&w, "count", 1);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_array(&w, "contactInfoList");
    put_contact(&w, 1, &p->sender);
    put_contact(&w, 2, &p->receiver);
    ch_jw_end_array(&w);
    if (p->pay == CH_COURIER_MONTHLY)
        ch_jw_text(&w, "monthlyCard", ch_conf(CONF_SF_MONTHLY));
    ch_jw_int(&w, "payMethod", p->pay == CH_COURIER_COLLECT ? 2 : 1);
    ch_jw_int(&w, "expressTypeId", 1);
    ch_jw_int(&w, "parcelQty", 1);
    ch_jw_int(&w, "isDocall", 1);
    ch_jw_int(&w, "isGenWaybillNo", 1);
    ch_jw_int(&w, "isReturnRoutelabel", 1);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

void ch_sf_read_waybill(const struct ch_json *data, struct ch_answer *answer, struct ch_waybill *out)
{
    const struct ch_json *list = ch_json_get(data, "waybillNoInfoList");
    const struct ch_json *row = list != NULL && list->kind == CH_JSON_ARRAY ? list->first : NULL;

    *out = (struct ch_waybill){""};
    if (strcmp(ch_courier_text(data, "filterResult"), "3") == 0) {
        answer->outcome = CH_REFUSED;
        answer->code = "undeliverable";
        answer->message = ch_or_empty(ch_json_text(data, "remark"));
        return;
    }
    for (; row != NULL && *out->number == '\0'; row = row->next)
        if (strcmp(ch_courier_text(row, "waybillType"), "1") == 0) /* the parcel itself, not a sub-parcel or the return */
            out->number = ch_courier_text(row, "waybillNo");
}

static enum ch_err call_for_waybill(struct ch_arena *a, struct ch_fault *f, struct call *c, struct ch_answer *answer,
                                    struct ch_waybill *waybill)
{
    enum ch_err e = perform_call(a, f, c, answer);

    *waybill = (struct ch_waybill){""};
    if (e == CH_OK && answer->outcome == CH_ACCEPTED)
        ch_sf_read_waybill(c->data, answer, waybill);
    return e;
}

enum ch_err ch_sf_search(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer,
                         struct ch_waybill *waybill)
{
    struct call c = {.service = "EXP_RECE_SEARCH_ORDER_RESP"};
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "language", "zh-CN");
    ch_jw_text(&w, "orderId", order_id);
    ch_jw_text(&w, "searchType", "1"); /* the delivery, not the return */
    ch_jw_end_object(&w);
    c.msg_data = ch_jw_done(&w);
    return call_for_waybill(a, f, &c, answer, waybill);
}

enum ch_err ch_sf_order(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                        struct ch_answer *answer, struct ch_waybill *waybill)
{
    struct call c = {.service = "EXP_RECE_CREATE_ORDER", .msg_data = order_data(a, parcel), .once = true};
    enum ch_err e = call_for_waybill(a, f, &c, answer, waybill);

    if (e == CH_OK && answer->outcome == CH_REFUSED && strcmp(answer->code, REPEATED) == 0)
        return ch_sf_search(a, f, parcel->order_id, answer, waybill);
    return e;
}

static enum ch_route_state route_state(const char *op_code)
{
    static const struct {
        const char *code;
        enum ch_route_state state;
    } states[] = {
        {"50", CH_ROUTE_COLLECTED}, {"30", CH_ROUTE_MOVING},     {"31", CH_ROUTE_MOVING},
        {"36", CH_ROUTE_MOVING},    {"44", CH_ROUTE_DELIVERING}, {"80", CH_ROUTE_SIGNED},
    };

    for (size_t i = 0; i < CH_COUNT(states); i++)
        if (strcmp(states[i].code, op_code) == 0)
            return states[i].state;
    return CH_ROUTE_OTHER;
}

static struct ch_route_step read_step(const struct ch_json *row)
{
    return (struct ch_route_step){ch_courier_time(ch_courier_text(row, "acceptTime")),
                                  ch_courier_text(row, "acceptAddress"), ch_courier_text(row, "remark"),
                                  route_state(ch_courier_text(row, "opCode"))};
}

void ch_sf_read_routes(struct ch_arena *a, const struct ch_json *data, struct ch_routes *out)
{
    const struct ch_json *parcels = ch_json_get(data, "routeResps");
    const struct ch_json *parcel = parcels != NULL && parcels->kind == CH_JSON_ARRAY ? parcels->first : NULL;

    ch_courier_read_routes(a, ch_json_get(parcel, "routes"), read_step, out);
}

enum ch_err ch_sf_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, const char *mobile,
                         struct ch_answer *answer, struct ch_routes *routes)
{
    struct call c = {.service = "EXP_RECE_SEARCH_ROUTES"};
    size_t n = strlen(mobile);
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "language", "zh-CN");
    ch_jw_int(&w, "trackingType", 1);
    ch_jw_array(&w, "trackingNumber");
    ch_jw_text(&w, NULL, waybill);
    ch_jw_end_array(&w);
    ch_jw_int(&w, "methodType", 1);
    ch_jw_text(&w, "checkPhoneNo", n > 4 ? mobile + n - 4 : mobile);
    ch_jw_end_object(&w);
    c.msg_data = ch_jw_done(&w);
    enum ch_err e = perform_call(a, f, &c, answer);
    ch_sf_read_routes(a, e == CH_OK && answer->outcome == CH_ACCEPTED ? c.data : NULL, routes);
    return e;
}

enum ch_err ch_sf_cancel(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer)
{
    struct call c = {.service = "EXP_RECE_UPDATE_ORDER"};
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "language", "zh-CN");
    ch_jw_text(&w, "orderId", order_id);
    ch_jw_int(&w, "dealType", 2);
    ch_jw_end_object(&w);
    c.msg_data = ch_jw_done(&w);
    enum ch_err e = perform_call(a, f, &c, answer);
    if (e == CH_OK && answer->outcome == CH_REFUSED && strcmp(answer->code, CANCELLED) == 0)
        answer->outcome = CH_ACCEPTED; /* an earlier try cancelled it */
    return e;
}
