/* SPDX-License-Identifier: Apache-2.0
 * JD Logistics 京东物流 (LOP, orders of a business customer): order, cancel, trace. The structs are in courier.h.
 *
 * Answers are not signed; only TLS protects them. The vendor's public documents say little about the members of answers, so
 * they are read leniently, and the hall decides by them only where this header says so. */
#ifndef CH_GATEWAY_JD_H
#define CH_GATEWAY_JD_H

#include "core/gateway/courier.h"
#include "core/json/json.h"

/* /ecap/v1/orders/create. JD identifies an order by our customer code and the order number: after CH_UNKNOWN the same call with
 * the same particulars gives the waybill that was made, and ch_jd_cancel cancels it. CH_REFUSED: JD's own code, also for an
 * address to which it does not deliver. */
enum ch_err ch_jd_order(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                        struct ch_answer *answer, struct ch_waybill *waybill) CH_MUST;

/* /ecap/v1/orders/cancel, by our number; possible until the parcel is collected. */
enum ch_err ch_jd_cancel(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer) CH_MUST;

/* /ecap/v1/orders/trace/query, by waybill. While there are no entries the answer is CH_ACCEPTED with an empty list. */
enum ch_err ch_jd_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, struct ch_answer *answer,
                         struct ch_routes *routes) CH_MUST;

/* Reading of received bytes, which the functions above use. On CH_ACCEPTED *data is the answer's object "data". */
struct ch_answer ch_jd_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **data);
void ch_jd_read_routes(struct ch_arena *a, const struct ch_json *data, struct ch_routes *out);

#endif
