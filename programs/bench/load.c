/* SPDX-License-Identifier: Apache-2.0
 * Carrying out a plan: the workers, their turns, and the progress. */
#include "programs/bench/load.h"

#include "core/base/clock.h"
#include "programs/bench/trail.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BATCH 400    /* orders */
#define TELL_MS 2000 /* how often the progress is shown */

/* What the workers share. */
struct shared {
    const struct load *load;
    pthread_mutex_t lock;
    pthread_cond_t turned;
    int64_t next, turn; /* the number of the next batch, and of the batch whose turn it is to be committed */
    int64_t done;       /* orders */
    int64_t begun_ms, told_ms, told_done;
    bool failed;
};

struct worker {
    struct shared *s;
    struct ch_arena *own, *scratch;
    PGconn *c;
    struct planned list[BATCH];
    size_t n;
    int64_t number, orders;
    struct batch batch;
};

/* Set by a signal, after which no further batch is begun. */
static volatile sig_atomic_t stopped;

static void request_stop(int number)
{
    (void)number;
    stopped = 1;
}

/* Takes the next orders from the plan; false when there are none. */
static bool take_orders(struct worker *w)
{
    struct shared *s = w->s;

    pthread_mutex_lock(&s->lock);
    w->n = 0;
    w->orders = 0;
    while (!s->failed && !stopped && w->n < BATCH && plan_next(s->load->plan, &w->list[w->n]))
        w->orders += (int64_t)w->list[w->n++].order.mould->n_orders;
    w->number = w->n > 0 ? s->next++ : -1;
    pthread_mutex_unlock(&s->lock);
    return w->n > 0;
}

static void cast_batch(struct worker *w)
{
    batch_begin(&w->batch, w->own);
    for (size_t i = 0; i < w->n; i++) {
        if (w->list[i].account.mould != NULL)
            cast(w->scratch, w->s->load->ring, &w->list[i].account, &w->batch);
        cast(w->scratch, w->s->load->ring, &w->list[i].order, &w->batch);
    }
}

static bool copy_batch(struct worker *w)
{
    bool ok = pg_do(w->c, "BEGIN");

    ch_arena_reset(w->scratch);
    for (size_t t = 0; ok && t < tables_n; t++)
        if (w->batch.rows[t].n > 0)
            ok = pg_copy(w->c, ch_printf(w->scratch, "COPY hall.%s (%s) FROM STDIN", tables[t].name, tables[t].list),
                         w->batch.rows[t].p, w->batch.rows[t].n);
    return ok;
}

/* Loads the leaves of the log. They have the order of the batches, as the ids of audit rows do. */
static bool copy_leaves(struct worker *w)
{
    struct ch_merkle *tree = w->s->load->tree;
    int64_t audit = w->list[0].account.mould != NULL ? w->list[0].account.audit_id : w->list[0].order.audit_id;
    struct ch_buf b;

    ch_buf_init(&b, w->scratch);
    for (size_t at = 0; at < w->batch.leaves.n; at += CH_SM3_BYTES, audit++) {
        static const char digits[] = "0123456789abcdef";
        char hex[2 * CH_SM3_BYTES];
        int64_t written;
        for (size_t i = 0; i < CH_SM3_BYTES; i++) {
            unsigned char u = (unsigned char)w->batch.leaves.p[at + i];
            hex[2 * i] = digits[u >> 4];
            hex[2 * i + 1] = digits[u & 15];
        }
        ch_buf_printf(&b, "%llu\t%lld\t\\\\x", (unsigned long long)(tree->size + at / CH_SM3_BYTES), (long long)audit);
        ch_buf_add(&b, hex, sizeof hex);
        memcpy(&written, w->batch.leaf_times.p + at / CH_SM3_BYTES * sizeof written, sizeof written);
        ch_buf_putc(&b, '\t');
        cast_time(&b, written);
        ch_buf_putc(&b, '\n');
    }
    return pg_copy(w->c, "COPY hall.log_leaf (leaf, audit_id, hash, at) FROM STDIN", b.p, b.n);
}

static void show_progress(struct shared *s)
{
    int64_t now = ch_tick_ms();

    if (now - s->told_ms < TELL_MS)
        return;
    printf("%9lld of %lld orders, %6.0f a second now, %6.0f over all\n", (long long)s->done, (long long)s->load->orders,
           (double)(s->done - s->told_done) * 1000 / (double)(now - s->told_ms),
           (double)s->done * 1000 / (double)(now - s->begun_ms));
    fflush(stdout);
    s->told_ms = now;
    s->told_done = s->done;
}

/* Waits for the batch's turn, loads its leaves and commits. */
static bool commit_batch(struct worker *w, bool copied)
{
    struct shared *s = w->s;

    pthread_mutex_lock(&s->lock);
    while (s->turn != w->number && !s->failed)
        pthread_cond_wait(&s->turned, &s->lock);
    bool ok = copied && !s->failed;
    pthread_mutex_unlock(&s->lock);

    ok = ok && copy_leaves(w) && pg_do(w->c, "COMMIT");
    if (ok)
        trail_grow(s->load->tree, ch_buf_bytes(&w->batch.leaves));

    pthread_mutex_lock(&s->lock);
    s->failed = s->failed || !ok;
    s->turn++;
    s->done += ok ? w->orders : 0;
    show_progress(s);
    pthread_cond_broadcast(&s->turned);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

static void *run_worker(void *arg)
{
    struct worker *w = arg;

    while (take_orders(w)) {
        cast_batch(w);
        if (!commit_batch(w, copy_batch(w)))
            break;
    }
    return NULL;
}

bool load_run(const struct load *l)
{
    static struct worker workers[16];
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[CH_COUNT(workers)];
    struct shared s = {.load = l, .lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER};

    n = n < 1 ? 1 : n > (long)CH_COUNT(workers) ? (long)CH_COUNT(workers) : n;
    signal(SIGINT, request_stop);
    signal(SIGTERM, request_stop);
    s.begun_ms = s.told_ms = ch_tick_ms();
    for (long i = 0; i < n; i++) {
        workers[i].s = &s;
        workers[i].own = ch_arena_new();
        workers[i].scratch = ch_arena_new();
        workers[i].c = pg_connect(workers[i].own, true);
        s.failed = workers[i].c == NULL || s.failed;
    }
    for (long i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, run_worker, &workers[i]) != 0)
            return false;
    for (long i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
        ch_arena_free(workers[i].scratch);
        ch_arena_free(workers[i].own);
    }
    int64_t ms = ch_tick_ms() - s.begun_ms;
    printf("%9lld orders in %lld s: %.0f a second\n", (long long)s.done, (long long)(ms / 1000),
           (double)s.done * 1000 / (double)(ms > 0 ? ms : 1));
    return !s.failed;
}
