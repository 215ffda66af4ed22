/* SPDX-License-Identifier: Apache-2.0
 * JD Logistics 京东物流 (LOP, orders of a business customer): order, cancel, trace. Structs in courier.h.
 *
 * Answers are not signed: TLS alone vouches for them. The vendor's open documents are thin on the members of answers;
 * what is read here is read leniently, and decided upon only where noted. */
#ifndef CH_GATEWAY_JD_H
#define CH_GATEWAY_JD_H

#include "core/gateway/courier.h"
#include "core/json/json.h"

/* /ecap/v1/orders/create. JD knows an order by our customer code and the order number: after CH_UNKNOWN the same call,
 * with the same particulars, gives the waybill that was made, and ch_jd_cancel undoes it. CH_REFUSED: JD's own code, an
 * address it does not go to included. */
enum ch_err ch_jd_order(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                        struct ch_answer *answer, struct ch_waybill *waybill) CH_MUST;

/* /ecap/v1/orders/cancel, by our number; before the parcel is collected. */
enum ch_err ch_jd_cancel(struct ch_arena *a, struct ch_fault *f, const char *order_id,
                         struct ch_answer *answer) CH_MUST;

/* /ecap/v1/orders/trace/query, by waybill. No entry yet is CH_ACCEPTED with none. */
enum ch_err ch_jd_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, struct ch_answer *answer,
                         struct ch_routes *routes) CH_MUST;

/* Reads an answer out of its bytes: what the above do after receiving. On CH_ACCEPTED *data is its object "data". */
struct ch_answer ch_jd_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **data);
void ch_jd_read_routes(struct ch_arena *a, const struct ch_json *data, struct ch_routes *out);

#endif
