/* SPDX-License-Identifier: Apache-2.0
 * JD Logistics: the calls of its open platform, and reading the answers. */
#include "core/gateway/jd/jd.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/gateway/jd/sign.h"
#include "core/gateway/keys.h"
#include "core/gateway/vendor.h"

#include <string.h>

#define ORIGIN_BUSINESS 1   /* orderOrigin: a customer with a contract */
#define PRODUCT "ed-m-0001" /* 京东标快 */
#define SETTLE_COLLECT 2
#define SETTLE_MONTHLY 3

struct call {
    const char *path;
    const char *body; /* an array of one object */
    bool once;
    const struct ch_json *data;
};

/* The first of several members that has a text. JD's gateway answers with error_response, or with code and msg; the service
 * behind it answers with code and message, or code and msg. */
static const char *first_text(const struct ch_json *obj, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *s = ch_courier_text(obj, keys[i]);
        if (*s != '\0')
            return s;
    }
    return "";
}

struct ch_answer ch_jd_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **data)
{
    static const char *const sentences[] = {"msg", "message", "zh_desc", "subMsg"};
    static const char *const ids[] = {"requestId", "request_id", "traceId"};
    struct ch_json *root = NULL;

    *data = NULL;
    if (status >= 500 || ch_json_parse(a, body, &root, NULL) != CH_JSON_OK)
        return CH_BAD_ANSWER(ch_printf(a, "status %ld, or the answer is not JSON", status));
    const struct ch_json *error = ch_json_get(root, "error_response"), *from = error != NULL ? error : root;
    struct ch_answer out = {CH_REFUSED, ch_courier_text(from, "code"), first_text(from, sentences, CH_COUNT(sentences)),
                            first_text(root, ids, CH_COUNT(ids))};
    if (*out.code == '\0')
        return CH_BAD_ANSWER("the answer has no code");
    if (error == NULL && status == 200 && strcmp(out.code, "0") == 0) {
        out.outcome = CH_ACCEPTED;
        *data = ch_json_get(root, "data");
    } else if (error != NULL || status == 429)
        out.outcome = CH_UNKNOWN; /* from the gateway, before the service was reached: keys, times, limits */
    return out;
}

static enum ch_err signed_url(struct ch_arena *a, struct ch_fault *f, const struct call *c, const char **url)
{
    const char *secret = ch_keys_secret(CONF_JD_SECRET), *token = ch_keys_secret(CONF_JD_TOKEN);
    struct ch_jd_signed s = {
        .app_key = ch_conf(CONF_JD_APPKEY),
        .access_token = token,
        .path = c->path,
        .timestamp = ch_beijing(a, ch_now_ms() / 1000, "%Y-%m-%d %H:%M:%S"),
        .body = CH_BYTES(c->body, strlen(c->body)),
    };

    if (secret == NULL || token == NULL)
        return ch_fault(f, CH_E_INTERNAL, "jd: secret or token missing");
    *url = ch_printf(a, "%s%s?LOP-DN=ECAP&app_key=%s&access_token=%s&timestamp=%s&v=2.0&algorithm=md5-salt&sign=%s",
                     ch_conf(CONF_JD_URL), c->path, ch_percent(a, s.app_key), ch_percent(a, token),
                     ch_percent(a, s.timestamp), ch_jd_sign(a, secret, &s));
    return CH_OK;
}

static enum ch_err try_call(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct call *c = call;
    struct ch_http_response res;
    struct ch_http_request req = {
        .method = "POST",
        .headers = {"Content-Type: application/json;charset=utf-8", "lop-tz: 8"},
        .body = CH_BYTES(c->body, strlen(c->body)),
        .once = c->once,
    };
    enum ch_err e = signed_url(a, f, c, &req.url);

    if (e != CH_OK)
        return e;
    if (ch_vendor_send(a, f, CH_V_JD, &req, &res, answer, &e))
        *answer = ch_jd_answer(a, res.status, res.body, &c->data);
    return e;
}

static enum ch_err perform_call(struct ch_arena *a, struct ch_fault *f, struct call *c, struct ch_answer *answer)
{
    return ch_vendor_call(a, f, CH_V_JD, c->once ? CH_ONE_TRY : CH_REPEAT, try_call, c, answer);
}

/* The beginning and the end of every body. */
static void begin_body(struct ch_jw *w, struct ch_arena *a)
{
    ch_jw_init(w, a);
    ch_jw_array(w, NULL);
    ch_jw_object(w, NULL);
    ch_jw_int(w, "orderOrigin", ORIGIN_BUSINESS);
    ch_jw_text(w, "customerCode", ch_conf(CONF_JD_CUSTOMER));
}

static char *end_body(struct ch_jw *w)
{
    ch_jw_end_object(w);
    ch_jw_end_array(w);
    return ch_jw_done(w);
}

static void put_contact(struct ch_jw *w, struct ch_arena *a, const char *key, const struct ch_contact *c)
{
    ch_jw_object(w, key);
    ch_jw_text(w, "name", c->name);
    ch_jw_text(w, "mobile", c->mobile);
    if (*c->company != '\0')
        ch_jw_text(w, "company", c->company);
    ch_jw_text(w, "fullAddress", ch_printf(a, "%s%s%s%s", c->province, c->city, c->county, c->address));
    ch_jw_end_object(w);
}

static char *order_body(struct ch_arena *a, const struct ch_parcel *p)
{
    struct ch_jw w;

    begin_body(&w, a);
    ch_jw_text(&w, "orderId", p->order_id);
    put_contact(&w, a, "senderContact", &p->sender);
    put_contact(&w, a, "receiverContact", &p->receiver);
    ch_jw_object(&w, "productsReq");
    ch_jw_text(&w, "productCode", PRODUCT);
    ch_jw_end_object(&w);
    ch_jw_int(&w, "settleType", p->pay == CH_COURIER_COLLECT ? SETTLE_COLLECT : SETTLE_MONTHLY);
    ch_jw_array(&w, "cargoes");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "name", p->cargo);
    ch_jw_int(&w, "quantity", 1);
    ch_jw_int(&w, "weight", 1); /* kg; JD requires it and the volume (cm3): a few sheets of paper and a token in a box */
    ch_jw_int(&w, "volume", 1000);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_object(&w, "commonChannelInfo");
    ch_jw_text(&w, "channelCode", "0030001"); /* all other channels */
    ch_jw_end_object(&w);
    return end_body(&w);
}

enum ch_err ch_jd_order(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                        struct ch_answer *answer, struct ch_waybill *waybill)
{
    struct call c = {.path = "/ecap/v1/orders/create", .body = order_body(a, parcel), .once = true};
    enum ch_err e = perform_call(a, f, &c, answer);

    *waybill = (struct ch_waybill){""};
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    waybill->number = ch_courier_text(c.data, "waybillCode");
    if (*waybill->number == '\0')
        *answer = CH_BAD_ANSWER("no waybillCode in the answer");
    return CH_OK;
}

enum ch_err ch_jd_cancel(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer)
{
    struct call c = {.path = "/ecap/v1/orders/cancel"};
    struct ch_jw w;

    begin_body(&w, a);
    ch_jw_text(&w, "customerOrderId", order_id);
    ch_jw_text(&w, "cancelReason", "用户发起取消");
    ch_jw_text(&w, "cancelReasonCode", "1");
    ch_jw_int(&w, "cancelType", 1);
    c.body = end_body(&w);
    return perform_call(a, f, &c, answer);
}

/* The state of a route entry, by JD's words of the first level: the numbers differ between the vendor's documents. */
static enum ch_route_state route_state(const char *name)
{
    static const struct {
        const char *word;
        enum ch_route_state state;
    } words[] = {
        {"揽收", CH_ROUTE_COLLECTED},  {"运输", CH_ROUTE_MOVING}, {"派送", CH_ROUTE_DELIVERING},
        {"配送", CH_ROUTE_DELIVERING}, {"签收", CH_ROUTE_SIGNED}, {"妥投", CH_ROUTE_SIGNED},
    };
    static const char *const nots[] = {"待", "未", "拒", "取消", "终止", "异常"};

    for (size_t i = 0; i < CH_COUNT(nots); i++)
        if (strstr(name, nots[i]) != NULL)
            return CH_ROUTE_OTHER; /* 待揽收, 拒收 … */
    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strstr(name, words[i].word) != NULL)
            return words[i].state;
    return CH_ROUTE_OTHER;
}

static struct ch_route_step read_step(const struct ch_json *row)
{
    return (struct ch_route_step){ch_courier_time(ch_courier_text(row, "operationTime")),
                                  ch_courier_text(row, "operationSite"), ch_courier_text(row, "operationRemark"),
                                  route_state(ch_courier_text(row, "categoryName"))};
}

void ch_jd_read_routes(struct ch_arena *a, const struct ch_json *data, struct ch_routes *out)
{
    ch_courier_read_routes(a, ch_json_get(data, "traceDetails"), read_step, out);
}

enum ch_err ch_jd_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, struct ch_answer *answer,
                         struct ch_routes *routes)
{
    struct call c = {.path = "/ecap/v1/orders/trace/query"};
    struct ch_jw w;

    begin_body(&w, a);
    ch_jw_text(&w, "waybillCode", waybill);
    c.body = end_body(&w);
    enum ch_err e = perform_call(a, f, &c, answer);
    ch_jd_read_routes(a, e == CH_OK && answer->outcome == CH_ACCEPTED ? c.data : NULL, routes);
    return e;
}
