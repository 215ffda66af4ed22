/* SPDX-License-Identifier: Apache-2.0
 * The plan of the orders to make. */
#include "programs/bench/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLION 1000000
#define HOUR ((int64_t)3600 * 1000000)
#define DAY (24 * HOUR)
#define DAYS 730          /* how many days are filled */
#define LATEST (12 * DAY) /* how long before now the last of the ended orders begin */
#define AGENT_EVERY 3000  /* after so many orders there is another agent who hands in hundreds */
#define AGENT_SHARE 10    /* of a hundred orders, so many come from such an agent */
#define NEW_SHARE 61      /* and so many from a new account */
#define KNOWN 65536       /* so many of the last accounts may hand in another order */

struct plan {
    const struct moulds *moulds;
    int64_t orders, now, made, ended; /* `ended`: how many of the orders have ended */
    uint64_t state;
    int64_t audit_id;
    char (*known)[37];
    size_t n_known;
    char agent[37];
    int64_t agent_until;
};

/* The sum of the shares of all ways that have ended, or of all others. */
static int sum_shares(bool ended)
{
    int sum = 0;

    for (size_t i = 0; i < ways_n; i++)
        sum += (ways[i].days == 0) == ended ? ways[i].share : 0;
    return sum;
}

struct plan *plan_new(struct ch_arena *a, const struct moulds *moulds, int64_t orders, int64_t now, uint64_t seed)
{
    struct plan *p = CH_NEW(a, struct plan);

    *p = (struct plan){.moulds = moulds, .orders = orders, .now = now, .state = seed};
    p->ended = orders * sum_shares(true) / (sum_shares(true) + sum_shares(false));
    p->known = ch_alloc_array(a, KNOWN, sizeof *p->known);
    return p;
}

int64_t plan_span(void)
{
    return (DAYS + 1) * DAY;
}

void plan_audit_from(struct plan *p, int64_t id)
{
    p->audit_id = id;
}

static int64_t random_between(struct plan *p, int64_t least, int64_t most)
{
    return least + (int64_t)(chance(&p->state) % (uint64_t)(most - least + 1));
}

static const struct way *pick_way(struct plan *p, bool ended)
{
    int whole = sum_shares(ended);

    if (whole == 0)
        abort();
    int left = (int)random_between(p, 0, whole - 1);
    for (size_t i = 0; i < ways_n; i++) {
        if ((ways[i].days == 0) != ended)
            continue;
        if ((left -= ways[i].share) < 0)
            return &ways[i];
    }
    abort(); /* cannot happen: `left` is less than the sum of the shares */
}

static const struct mould *pick_mould(struct plan *p, const struct way *way)
{
    size_t fit = 0;

    for (size_t i = 0; i < p->moulds->n; i++)
        fit += p->moulds->list[i]->way == way;
    if (fit == 0)
        return NULL;
    size_t which = chance(&p->state) % fit;
    for (size_t i = 0;; i++)
        if (p->moulds->list[i]->way == way && which-- == 0)
            return p->moulds->list[i];
}

/* Ended orders are spread over the years; open ones are of the last days. */
static void pick_times(struct plan *p, const struct way *way, struct casting *c)
{
    int64_t lasts = random_between(p, way->least * HOUR, way->most * HOUR);

    c->now = p->now;
    if (way->days == 0) {
        int64_t span = DAYS * DAY - LATEST;
        int64_t at = (int64_t)((double)span * (double)p->made / (double)(p->ended + 1));
        c->begin = p->now - DAYS * DAY + at + random_between(p, 0, HOUR);
        c->end = c->begin + lasts;
        if (c->end > p->now - HOUR)
            c->end = p->now - HOUR;
    } else {
        c->end = p->now - random_between(p, HOUR / 60, way->days * DAY);
        c->begin = c->end - lasts;
    }
}

/* Plans a new account, which is made some minutes before the order. */
static void plan_account(struct plan *p, struct planned *out, char id[37])
{
    struct casting *c = &out->account;

    c->mould = p->moulds->account;
    c->now = p->now;
    c->begin = out->order.begin - random_between(p, HOUR / 60, HOUR / 2);
    c->end = c->begin + HOUR / 60;
    c->chance = chance(&p->state);
    c->audit_id = p->audit_id;
    p->audit_id += (int64_t)c->mould->n_audit;
    cast_uuid(&p->state, c->begin / 1000, id);
    memcpy(c->account, id, sizeof c->account);
}

/* Chooses the account that the order belongs to. */
static void pick_account(struct plan *p, struct planned *out)
{
    int64_t dice = random_between(p, 0, 99);
    char *slot = p->known[p->n_known % KNOWN];
    const char *account = p->agent;

    out->account = (struct casting){0};
    if (p->made >= p->agent_until) {
        plan_account(p, out, p->agent);
        p->agent_until += AGENT_EVERY;
    } else if (dice >= AGENT_SHARE && (dice < AGENT_SHARE + NEW_SHARE || p->n_known == 0)) {
        plan_account(p, out, slot);
        p->n_known++;
        account = slot;
    } else if (dice >= AGENT_SHARE) {
        account = p->known[random_between(p, 0, (int64_t)(p->n_known < KNOWN ? p->n_known : KNOWN) - 1)];
    }
    memcpy(out->order.account, account, sizeof out->order.account);
}

bool plan_next(struct plan *p, struct planned *out)
{
    const struct mould *mould;

    if (p->made >= p->orders)
        return false;
    do
        mould = pick_mould(p, pick_way(p, p->made < p->ended));
    while (mould == NULL);
    out->order = (struct casting){.mould = mould};
    pick_times(p, mould->way, &out->order);
    pick_account(p, out);
    out->order.chance = chance(&p->state);
    out->order.audit_id = p->audit_id;
    p->audit_id += (int64_t)mould->n_audit;
    p->made += (int64_t)mould->n_orders;
    return true;
}

struct totals plan_count(struct plan *p)
{
    struct totals t = {0};
    struct planned one;

    while (plan_next(p, &one)) {
        t.orders += (int64_t)one.order.mould->n_orders;
        t.accounts += one.account.mould != NULL;
        t.seal_codes += (int64_t)one.order.mould->n_seal_codes;
        t.filings += (int64_t)one.order.mould->n_filings;
    }
    t.audit = p->audit_id;
    return t;
}
