/* SPDX-License-Identifier: Apache-2.0
 * What the couriers of the sandbox have in common: taking orders for parcels, and some checks. */
#ifndef MODULE_SANDBOX_COURIER_H
#define MODULE_SANDBOX_COURIER_H

#include "modules/sandbox/sandbox.h"
#include "sandbox_courier_sql.h"

struct courier_parcel {
    const char *courier; /* "sf", "jd" */
    const char *order_id;
    const char *waybill;           /* the number that it gets */
    const char *sender, *receiver; /* mobile numbers */
    const char *origin, *city;     /* of sender and receiver */
    const char *address;           /* of the receiver */
    struct ch_bytes message;       /* the order as sent; statement courier_get returns its SHA-256 */
};

/* Takes the order unless its number was used before (then *taken is false). The courier does not deliver to an address that
 * contains 无法送达, and to no address while switch courier.undeliverable is on. */
enum ch_err courier_take(struct ch_req *r, const struct courier_parcel *p, bool *taken) CH_MUST;

/* True for a mobile number ("13800138000"). */
bool courier_mobile(const char *s) CH_MUST;
/* True for a time ("2026-01-31 10:20:30" of Beijing) that differs by at most ten minutes from now. */
bool courier_in_time(const char *s) CH_MUST;

#endif
