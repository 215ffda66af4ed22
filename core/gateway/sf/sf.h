/* SPDX-License-Identifier: Apache-2.0
 * SF Express 顺丰速运 (丰桥): order, search, routes, cancel. The structs are in courier.h.
 *
 * Answers are not signed; only TLS protects them. SF accepts each order number once, so a repetition does no harm. */
#ifndef CH_GATEWAY_SF_H
#define CH_GATEWAY_SF_H

#include "core/gateway/courier.h"
#include "core/json/json.h"

/* EXP_RECE_CREATE_ORDER. CH_ACCEPTED: the parcel will be fetched. The waybill number is "" while SF checks the address by hand:
 * ask ch_sf_search later. For an order number that SF has already (code 8016), the existing order is searched and returned.
 * CH_REFUSED: "undeliverable" (SF does not deliver there; it keeps the order, without effect), or SF's own code.
 * CH_UNKNOWN: ask ch_sf_search. */
enum ch_err ch_sf_order(struct ch_arena *a, struct ch_fault *f, const struct ch_parcel *parcel,
                        struct ch_answer *answer, struct ch_waybill *waybill) CH_MUST;

/* EXP_RECE_SEARCH_ORDER_RESP, by our number, with the same answers. CH_REFUSED "8018" or "6150": SF does not know the order. */
enum ch_err ch_sf_search(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer,
                         struct ch_waybill *waybill) CH_MUST;

/* EXP_RECE_SEARCH_ROUTES, by waybill. `mobile` is the sender's or the receiver's; only its last four digits are sent. While
 * there are no entries the answer is CH_ACCEPTED with an empty list. */
enum ch_err ch_sf_routes(struct ch_arena *a, struct ch_fault *f, const char *waybill, const char *mobile,
                         struct ch_answer *answer, struct ch_routes *routes) CH_MUST;

/* EXP_RECE_UPDATE_ORDER, dealType 2. An order that is cancelled already (8037) is CH_ACCEPTED. */
enum ch_err ch_sf_cancel(struct ch_arena *a, struct ch_fault *f, const char *order_id, struct ch_answer *answer) CH_MUST;

/* Reading of received bytes, which the functions above use. On CH_ACCEPTED *data is the inner msgData. */
struct ch_answer ch_sf_answer(struct ch_arena *a, long status, struct ch_bytes body, const struct ch_json **data);
void ch_sf_read_waybill(const struct ch_json *data, struct ch_answer *answer, struct ch_waybill *out);
void ch_sf_read_routes(struct ch_arena *a, const struct ch_json *data, struct ch_routes *out);

#endif
