/* SPDX-License-Identifier: Apache-2.0
 * certhall-bench: fills a hall with orders, so that its performance can be measured at the size that it is built for. */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/base/version.h"
#include "core/db/keys.h"
#include "programs/bench/check.h"
#include "programs/bench/indexes.h"
#include "core/db/db.h"
#include "programs/bench/load.h"
#include "programs/bench/trail.h"
#include "keys_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
    fputs("certhall-bench fill N SPECIMENS\n"
          "  N           how many orders to add\n"
          "  SPECIMENS   a line \"<way> <order>\" for each order that is to be copied (walk.mjs)\n", stderr);
    return 2;
}

static const struct way *way_named(const char *name)
{
    for (size_t i = 0; i < ways_n; i++)
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    return NULL;
}

/* What the file of specimens says. */
struct specimens {
    const struct way *ways[CH_COUNT(((struct moulds *)0)->list)];
    const char *orders[CH_COUNT(((struct moulds *)0)->list)];
    size_t n;
};

static bool read_specimens(struct ch_arena *a, const char *path, struct specimens *out)
{
    char way[32], order[40];
    FILE *f = fopen(path, "re");

    while (f != NULL && out->n < CH_COUNT(out->ways) && fscanf(f, "%31s %39s", way, order) == 2)
        if ((out->ways[out->n] = way_named(way)) != NULL && ch_is_uuid(order))
            out->orders[out->n++] = ch_strdup(a, order);
    if (f != NULL)
        fclose(f);
    if (out->n == 0)
        fprintf(stderr, "%s names no specimens\n", path);
    return out->n > 0;
}

/* The orders, those whose certificates they replace, and the accounts of all. */
static const char *subjects(struct ch_arena *a, PGconn *c, const struct specimens *s)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (size_t i = 0; i < s->n; i++)
        ch_buf_printf(&b, "%s'%s'", i > 0 ? "," : "", s->orders[i]);
    PGresult *res = pg_ask(a, c, ch_printf(a,
        "SELECT array_agg(x) FROM hall.orders o LEFT JOIN hall.certificate c ON c.id = o.replaces,"
        " unnest(ARRAY[o.id, o.account, c.order_id]) x WHERE o.id IN (%s) AND x IS NOT NULL", b.p), NULL, NULL);
    return res != NULL ? PQgetvalue(res, 0, 0) : NULL;
}

/* The account is the first specimen's. */
static bool read_moulds(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, const char *path, struct moulds *out)
{
    struct specimens *s = CH_NEW(a, struct specimens);

    if (!read_specimens(a, path, s))
        return false;
    const char *all = subjects(a, c, s);
    if (all == NULL || !tables_gather(a, c, all) || (out->account = mould_make(a, c, ring, NULL, s->orders[0])) == NULL)
        return false;
    for (size_t i = 0; i < s->n; i++)
        if ((out->list[out->n++] = mould_make(a, c, ring, s->ways[i], s->orders[i])) == NULL)
            return false;
    return true;
}

static bool all_ways(const struct moulds *moulds)
{
    bool ended = false, open = false;

    for (size_t i = 0; i < moulds->n; i++)
        *(moulds->list[i]->way->days == 0 ? &ended : &open) = true;
    if (!ended || !open)
        fputs("the specimens have no order that is open, or none that has come to its end\n", stderr);
    return ended && open;
}

static int64_t sequence(struct ch_arena *a, PGconn *c, const char *name, int64_t n)
{
    int64_t last = pg_number(a, c, ch_printf(a, "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %s", name));

    if (n > 0)
        (void)pg_number(a, c, ch_printf(a, "SELECT setval('%s', %lld)", name, (long long)(last + n)));
    return last;
}

/* Takes the numbers that the plan needs out of the sequences before anybody else does. Answers with the first audit row's. */
static int64_t reserve(struct ch_arena *a, PGconn *c, const struct totals *t)
{
    const char *audit = "hall.audit_id_seq";

    words_count_from(sequence(a, c, "hall.seal_code_number", t->seal_codes), sequence(a, c, "hall.filing_number", t->filings),
                     pg_number(a, c, "SELECT count(*) FROM hall.account"));
    return sequence(a, c, audit, t->audit) + 1;
}

/* The months that the rows will be of, each by itself as the runner makes those to come: it locks others out for a moment. */
static bool make_months(struct ch_arena *a, PGconn *c, int64_t now)
{
    const char *begin = ch_beijing(a, (now - plan_span()) / 1000000, "%Y-%m-01");
    PGresult *res = pg_ask(a, c, ch_printf(a,
        "SELECT format('SELECT hall.month_make(%%L, %%L)', m.tbl, month::date) FROM hall.monthly m,"
        " generate_series('%s', (now() AT TIME ZONE 'Asia/Shanghai')::date, interval '1 month') month", begin), NULL, NULL);
    bool ok = res != NULL;

    for (int i = 0; ok && i < PQntuples(res); i++)
        ok = pg_do(c, PQgetvalue(res, i, 0));
    return ok;
}

static void tell_time(const char *what, int64_t since)
{
    printf("%s: %.1f s\n", what, (double)(ch_tick_ms() - since) / 1000);
    fflush(stdout);
}

/* What makes PostgreSQL work twice over the same pages while they grow. */
static const char *const settings[] = {"autovacuum = off", "max_wal_size = '16GB'", "checkpoint_timeout = '1h'"};

static bool set(struct ch_arena *a, PGconn *c, bool ours)
{
    bool ok = true;

    for (size_t i = 0; i < CH_COUNT(settings); i++)
        ok = pg_do(c, ours ? ch_printf(a, "ALTER SYSTEM SET %s", settings[i])
                           : ch_printf(a, "ALTER SYSTEM RESET %.*s", (int)strcspn(settings[i], " "), settings[i])) && ok;
    return pg_do(c, "SELECT pg_reload_conf()") && ok;
}

/* A few orders more in a large hall are not worth making its indexes anew. */
static bool make_way(struct ch_arena *a, PGconn *c, int64_t n)
{
    bool many = n * 4 >= pg_number(a, c, "SELECT count(*) FROM hall.orders");

    return set(a, c, true) && (!many || indexes_drop(a, c));
}

/* Whatever became of it, what was committed is signed, and settings and indexes are as before. */
static bool finish(struct ch_arena *a, PGconn *c, const struct ch_merkle *tree)
{
    int64_t begun = ch_tick_ms();
    bool ok = trail_sign(a, c, tree);

    ok = pg_do(c, "VACUUM") && ok; /* first, and with rare checkpoints: every page is written once more */
    tell_time("vacuum", begun);
    begun = ch_tick_ms();
    ok = indexes_make(a, c) && ok;
    ok = pg_do(c, "ANALYZE") && ok;
    tell_time("indexes and statistics", begun);
    ok = set(a, c, false) && ok;
    begun = ch_tick_ms();
    ok = check_references(a, c) && ok;
    tell_time("foreign keys asked", begun);
    check_sizes(a, c);
    return ok;
}

static bool fill(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, int64_t n, const char *specimens)
{
    struct moulds *moulds = CH_NEW(a, struct moulds);
    struct ch_merkle tree;
    uint64_t seed;
    int64_t now = ch_now_ms() * 1000;

    ch_random(&seed, sizeof seed);
    if (pg_number(a, c, "SELECT pg_try_advisory_lock(hashtext('certhall-bench'))::int") != 1) {
        fputs("this hall is being filled already\n", stderr);
        return false;
    }
    if (!tables_read(a, c) || !read_moulds(a, c, ring, specimens, moulds) || !all_ways(moulds) || !trail_read(a, c, &tree))
        return false;
    struct totals totals = plan_count(plan_new(a, moulds, n, now, seed));
    printf("%zu specimens; %lld orders of %lld new accounts, %lld rows of audit trail\n", moulds->n, (long long)totals.orders,
           (long long)totals.accounts, (long long)totals.audit);
    struct plan *plan = plan_new(a, moulds, n, now, seed);
    plan_audit_from(plan, reserve(a, c, &totals));
    bool ok = make_months(a, c, now) && make_way(a, c, n) && load_run(&(struct load){plan, ring, &tree, totals.orders});
    return finish(a, c, &tree) && ok;
}

static struct ch_ring *open_ring(struct ch_arena *a)
{
    static const struct ch_stmt *const *const lists[] = {keys_statements, NULL};
    struct ch_db *db = ch_db_open(ch_printf(a, "%s", ch_conf(CONF_DB)), "certhall_owner", lists);
    struct ch_ring *ring = db != NULL ? ch_db_keys_load(db, ch_conf(CONF_KEYS)) : NULL;

    if (db != NULL)
        ch_db_close(db);
    return ring;
}

int main(int argc, char **argv)
{
    if (ch_version_asked(argc, argv))
        return 0;
    ch_log_program("bench");
    int64_t n = argc == 4 ? atoll(argv[2]) : 0;
    if (argc != 4 || strcmp(argv[1], "fill") != 0 || n <= 0)
        return usage();
    if (!ch_config_load())
        return 1;
    if (ch_conf_bool(CONF_PRODUCTION)) {
        fputs("this hall is in production: it is not filled with orders that nobody made\n", stderr);
        return 1;
    }
    struct ch_arena *a = ch_arena_new();
    struct ch_ring *ring = open_ring(a);
    PGconn *c = ring != NULL ? pg_connect(a, false) : NULL;
    bool ok = c != NULL && fill(a, c, ring, n, argv[3]);
    ch_ring_free(ring);
    ch_arena_free(a);
    return ok ? 0 : 1;
}
