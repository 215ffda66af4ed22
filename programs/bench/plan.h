/* SPDX-License-Identifier: Apache-2.0
 * The plan of the orders to make: which way each goes, when it begins, how long it takes, and which account it belongs to. The
 * same seed makes the same plan, so that its totals can be computed before it is carried out. */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include "programs/bench/cast.h"

struct moulds {
    const struct mould *list[512];
    size_t n;
    const struct mould *account;
};

struct planned {
    struct casting order;
    struct casting account; /* its mould is NULL when the account already exists */
};

struct plan;

/* How long before `now` an order, or the account that is made before it, may begin at most, in microseconds. */
int64_t plan_span(void);
/* Makes a plan for `orders` orders, the newest of which are of `now` (microseconds since 1970). */
struct plan *plan_new(struct ch_arena *a, const struct moulds *moulds, int64_t orders, int64_t now, uint64_t seed);
/* Plans the next order; false when there are no more. The ids of its audit rows follow those of the previous order. */
bool plan_next(struct plan *p, struct planned *out);
/* Sets the id of the next audit row. */
void plan_audit_from(struct plan *p, int64_t id);

/* The numbers that the whole plan needs. */
struct totals {
    int64_t orders, accounts, audit, seal_codes, filings;
};
/* Computes them, and uses up the plan. */
struct totals plan_count(struct plan *p);

#endif
