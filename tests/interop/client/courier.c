/* SPDX-License-Identifier: Apache-2.0
 * The operations of the clients of SF Express and JD Logistics. */
#include "tests/interop/client/client.h"

#include "core/gateway/jd/jd.h"
#include "core/gateway/sf/sf.h"

#include <string.h>

static struct ch_parcel parcel_of(const struct ch_json *in)
{
    return (struct ch_parcel){
        .order_id = client_text(in, "order_id", ""),
        .sender = {"示范认证中心", "王五", "13800138001", "广东省", "深圳市", "福田区", "深南大道 1 号"},
        .receiver = {client_text(in, "company", ""), client_text(in, "name", "张三"),
                     client_text(in, "mobile", "13900139002"), "广东省", "广州市", "天河区",
                     client_text(in, "address", "体育西路 2 号")},
        .cargo = client_text(in, "cargo", "数字证书 *~+ 文件"),
        .pay = strcmp(client_text(in, "pay", "monthly"), "collect") == 0 ? CH_COURIER_COLLECT : CH_COURIER_MONTHLY,
    };
}

static void put_routes(struct ch_jw *out, const struct ch_routes *r)
{
    static const char *const states[] = {
        [CH_ROUTE_OTHER] = "other", [CH_ROUTE_COLLECTED] = "collected", [CH_ROUTE_MOVING] = "moving", [CH_ROUTE_DELIVERING] = "delivering", [CH_ROUTE_SIGNED] = "signed"};

    ch_jw_array(out, "routes");
    for (size_t i = 0; i < r->n; i++) {
        ch_jw_object(out, NULL);
        ch_jw_int(out, "time", r->steps[i].time);
        ch_jw_text(out, "place", r->steps[i].place);
        ch_jw_text(out, "remark", r->steps[i].remark);
        ch_jw_text(out, "state", states[r->steps[i].state]);
        ch_jw_end_object(out);
    }
    ch_jw_end_array(out);
}

typedef enum ch_err order_fn(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                             struct ch_answer *answer, struct ch_waybill *waybill);

static bool order(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out, order_fn *fn)
{
    struct ch_parcel p = parcel_of(in);
    struct ch_answer answer;
    struct ch_waybill w;

    if (fn(a, f, &p, &answer, &w) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "waybill", w.number);
    return true;
}

bool client_sf_order(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    return order(a, f, in, out, ch_sf_order);
}

bool client_jd_order(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    return order(a, f, in, out, ch_jd_order);
}

bool client_sf_search(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_waybill w;

    if (ch_sf_search(a, f, client_text(in, "order_id", ""), &answer, &w) != CH_OK)
        return false;
    client_answer(out, &answer);
    ch_jw_text(out, "waybill", w.number);
    return true;
}

typedef enum ch_err cancel_fn(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer);

static bool cancel(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out, cancel_fn *fn)
{
    struct ch_answer answer;

    if (fn(a, f, client_text(in, "order_id", ""), &answer) != CH_OK)
        return false;
    client_answer(out, &answer);
    return true;
}

bool client_sf_cancel(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    return cancel(a, f, in, out, ch_sf_cancel);
}

bool client_jd_cancel(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    return cancel(a, f, in, out, ch_jd_cancel);
}

bool client_sf_routes(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_routes r;

    if (ch_sf_routes(a, f, client_text(in, "waybill", ""), client_text(in, "mobile", "13900139002"), &answer, &r) != CH_OK)
        return false;
    client_answer(out, &answer);
    put_routes(out, &r);
    return true;
}

bool client_jd_routes(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_routes r;

    if (ch_jd_routes(a, f, client_text(in, "waybill", ""), &answer, &r) != CH_OK)
        return false;
    client_answer(out, &answer);
    put_routes(out, &r);
    return true;
}
