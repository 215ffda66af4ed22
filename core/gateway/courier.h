/* SPDX-License-Identifier: Apache-2.0
 * What the couriers have in common: a parcel that the hall hands over, its waybill, and its route. */
#ifndef CH_GATEWAY_COURIER_H
#define CH_GATEWAY_COURIER_H

#include "core/gateway/outcome.h"
#include "core/json/json.h"

struct ch_contact {
    const char *company; /* or "" */
    const char *name, *mobile;
    const char *province, *city, *county; /* "广东省", "深圳市", "南山区" */
    const char *address;                  /* the rest of the address */
};

enum ch_courier_pay {
    CH_COURIER_MONTHLY = 1, /* on our account with the courier */
    CH_COURIER_COLLECT,     /* the receiver pays at the door */
};

struct ch_parcel {
    const char *order_id; /* our number: unique, at most 64 characters, stored before the call */
    struct ch_contact sender, receiver;
    const char *cargo; /* the contents, as declared to the courier */
    enum ch_courier_pay pay;
};

struct ch_waybill {
    const char *number; /* "" while there is none */
};

enum ch_route_state {
    CH_ROUTE_OTHER = 0, /* shown to people; the hall decides nothing by it */
    CH_ROUTE_COLLECTED,
    CH_ROUTE_MOVING,
    CH_ROUTE_DELIVERING,
    CH_ROUTE_SIGNED,
};

/* One entry of a parcel's route. */
struct ch_route_step {
    int64_t time;               /* seconds since 1970 */
    const char *place, *remark; /* or "" */
    enum ch_route_state state;
};

/* Sorted by time. */
struct ch_routes {
    const struct ch_route_step *steps;
    size_t n;
};

/* ---- for the adapters ---- */

/* "2026-01-31 10:20:30" of Beijing as seconds since 1970; 0 when it is not a time. */
int64_t ch_courier_time(const char *s);
/* The text of a member that is a string in some answers and a number in others; "" when it is neither. */
const char *ch_courier_text(const struct ch_json *obj, const char *key);

#define CH_MAX_ROUTE_STEPS 1000
typedef struct ch_route_step ch_courier_read_step(const struct ch_json *row);
/* Reads a list of route entries and sorts it by time; entries beyond CH_MAX_ROUTE_STEPS are left out. */
void ch_courier_read_routes(struct ch_arena *a, const struct ch_json *list, ch_courier_read_step *read,
                            struct ch_routes *out);

#endif
