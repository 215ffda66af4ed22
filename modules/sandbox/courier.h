/* SPDX-License-Identifier: Apache-2.0
 * What the couriers of the sandbox have in common: parcels announced, and their way. */
#ifndef MODULE_SANDBOX_COURIER_H
#define MODULE_SANDBOX_COURIER_H

#include "modules/sandbox/sandbox.h"
#include "sandbox_courier_sql.h"

struct courier_parcel {
    const char *courier; /* "sf", "jd" */
    const char *order_id;
    const char *waybill; /* made up for it */
    const char *sender, *receiver; /* mobiles */
    const char *origin, *city;
    const char *address; /* of the receiver */
    struct ch_bytes message; /* what the order says, as sent */
};

/* Takes it unless the number was used before (then *taken is false). An address that holds 无法送达, and every address
 * while switch courier.undeliverable is on, is one the courier does not go to. */
enum ch_err courier_take(struct ch_req *r, const struct courier_parcel *p, bool *taken) CH_MUST;
/* The hash that statement courier_get gives back as `message`. */
struct ch_bytes courier_hash(struct ch_arena *a, struct ch_bytes message);

/* "13800138000" */
bool courier_mobile(const char *s) CH_MUST;
/* "2026-01-31 10:20:30", at most ten minutes from now. */
bool courier_in_time(struct ch_arena *a, const char *s) CH_MUST;
enum ch_err courier_silence(struct ch_req *r);

#endif
