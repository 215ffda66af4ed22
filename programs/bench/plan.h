/* SPDX-License-Identifier: Apache-2.0
 * Which orders there are to be: how many go which way, when each begins, how long it takes and whose it is. The same seed
 * makes the same plan, so that it can be counted before it is carried out. */
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
    struct casting account; /* mould NULL: the account is there already */
};

struct plan;

/* How long before `now` an order may begin, in microseconds, with the account that is made before it. */
int64_t plan_span(void);
/* A plan for `orders` orders of which the newest are of `now` (microseconds). */
struct plan *plan_new(struct ch_arena *a, const struct moulds *moulds, int64_t orders, int64_t now, uint64_t seed);
/* The next order; false when there are no more. Ids of audit rows count on from the last. */
bool plan_next(struct plan *p, struct planned *out);
/* The id that the next audit row gets. */
void plan_audit_from(struct plan *p, int64_t id);

/* How many orders, audit rows, seals' and filings' numbers the whole plan has; uses the plan up. */
struct totals {
    int64_t orders, accounts, audit, seal_codes, filings;
};
struct totals plan_count(struct plan *p);

#endif
