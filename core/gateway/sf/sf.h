/* SPDX-License-Identifier: Apache-2.0
 * SF Express 顺丰速运 (丰桥): order, search, routes, cancel. Structs in courier.h.
 *
 * Answers are not signed: TLS alone vouches for them. SF takes each order number once, so a repeat does no harm. */
#ifndef CH_GATEWAY_SF_H
#define CH_GATEWAY_SF_H

#include "core/gateway/courier.h"
#include "core/json/json.h"

/* EXP_RECE_CREATE_ORDER. CH_ACCEPTED: the parcel will be fetched; the number is "" while SF checks the address by hand,
 * so ask ch_sf_search later. A number that SF has already is answered with what it has (8016: searched for).
 * CH_REFUSED: "undeliverable" (SF does not go there; the order stays there, without effect), or SF's own code.
 * CH_UNKNOWN: ask ch_sf_search. */
enum ch_err ch_sf_order(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                        struct ch_answer *answer, struct ch_waybill *waybill) CH_MUST;

/* EXP_RECE_SEARCH_ORDER_RESP, by our number; the same answers. CH_REFUSED "8018" or "6150": SF does not know it. */
enum ch_err ch_sf_search(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer,
                         struct ch_waybill *waybill) CH_MUST;

/* EXP_RECE_SEARCH_ROUTES, by waybill. `mobile` is the sender's or receiver's; its last four digits are sent. No route
 * yet is CH_ACCEPTED with none. */
enum ch_err ch_sf_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, const char *mobile,
                         struct ch_answer *answer, struct ch_routes *routes) CH_MUST;

/* EXP_RECE_UPDATE_ORDER, dealType 2. One that is cancelled already (8037) is CH_ACCEPTED. */
enum ch_err ch_sf_cancel(struct ch_arena *a, struct ch_fault *f, const char *order_id,
                         struct ch_answer *answer) CH_MUST;

/* Reads an answer out of its bytes: what the above do after receiving. On CH_ACCEPTED *data is the inner msgData. */
struct ch_answer ch_sf_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **data);
void ch_sf_read_waybill(const struct ch_json *data, struct ch_answer *answer, struct ch_waybill *out);
void ch_sf_read_routes(struct ch_arena *a, const struct ch_json *data, struct ch_routes *out);

#endif
