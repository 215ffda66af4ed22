/* SPDX-License-Identifier: Apache-2.0
 * certhall-bench fills a hall with copies of specimen orders, so that its performance can be measured at the size that it is built
 * for. */
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

static const struct way *find_way(const char *name)
{
    for (size_t i = 0; i < ways_n; i++)
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    return NULL;
}

/* The specimens that the file names. */
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
        if ((out->ways[out->n] = find_way(way)) != NULL && ch_is_uuid(order))
            out->orders[out->n++] = ch_strdup(a, order);
    if (f != NULL)
        fclose(f);
    if (out->n == 0)
        fprintf(stderr, "%s names no specimens\n", path);
    return out->n > 0;
}

/* The ids of the orders, of the orders whose certificates they replace, and of all their accounts, as an array. */
static const char *list_subjects(struct ch_arena *a, PGconn *c, const struct specimens *s)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (size_t i = 0; i < s->n; i++)
        ch_buf_printf(&b, "%s'%s'", i > 0 ? "," : "", s->orders[i]);
    PGresult *res =
        pg_ask(a, c,
               ch_printf(a,
                         "SELECT array_agg(x) FROM hall.orders o LEFT JOIN hall.certificate c ON c.id = o.replaces,"
                         " unnest(ARRAY[o.id, o.account, c.order_id]) x WHERE o.id IN (%s) AND x IS NOT NULL",
                         b.p),
               NULL, NULL);
    return res != NULL ? PQgetvalue(res, 0, 0) : NULL;
}

/* Has the hall destroy the PINs of specimens that have come to their end (hall.pins_destroy), as it does some days later. The days
 * pass for this one transaction: the deliveries are set back, and restored afterwards. */
static bool destroy_pins(struct ch_arena *a, PGconn *c, const char *subjects)
{
    static const char *const days[] = {"- interval '30 days'", "+ interval '30 days'"};
    bool ok = pg_do(c, "BEGIN");

    for (size_t i = 0; i < CH_COUNT(days); i++) {
        const char *ended =
            ch_printf(a, "order_id IN (SELECT id FROM hall.orders WHERE id = ANY ('%s') AND state = 'done')", subjects);
        ok = ok && pg_do(c, "SET LOCAL session_replication_role = replica") &&
             pg_do(c, ch_printf(a, "UPDATE hall.payout SET ended_at = ended_at %s WHERE %s", days[i], ended)) &&
             pg_do(c, ch_printf(a,
                                "UPDATE hall.message SET sent_at = sent_at %s, delivery_at = delivery_at %s"
                                " WHERE event = 'pin' AND %s",
                                days[i], days[i], ended)) &&
             pg_do(c, "SET LOCAL session_replication_role = origin");
        if (i == 0)
            ok = ok && pg_do(c, "DO $$ BEGIN WHILE hall.pins_destroy() > 0 LOOP END LOOP; END $$");
    }
    return pg_do(c, ok ? "COMMIT" : "ROLLBACK") && ok;
}

/* Makes a mould of each specimen, and one of the first specimen's account. */
static bool read_moulds(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, const char *path, struct moulds *out)
{
    struct specimens *s = CH_NEW(a, struct specimens);

    if (!read_specimens(a, path, s))
        return false;
    const char *all = list_subjects(a, c, s);
    if (all == NULL || !destroy_pins(a, c, all) || !tables_gather(a, c, all) ||
        (out->account = mould_make(a, c, ring, NULL, s->orders[0])) == NULL)
        return false;
    for (size_t i = 0; i < s->n; i++)
        if ((out->list[out->n++] = mould_make(a, c, ring, s->ways[i], s->orders[i])) == NULL)
            return false;
    return true;
}

/* The plan needs orders that are open and orders that have ended. */
static bool check_ways(const struct moulds *moulds)
{
    bool ended = false, open = false;

    for (size_t i = 0; i < moulds->n; i++)
        *(moulds->list[i]->way->days == 0 ? &ended : &open) = true;
    if (!ended || !open)
        fputs("the specimens have no order that is open, or none that has come to its end\n", stderr);
    return ended && open;
}

/* Reads the last number of a sequence, and advances it by `n`. */
static int64_t advance_sequence(struct ch_arena *a, PGconn *c, const char *name, int64_t n)
{
    int64_t last =
        pg_number(a, c, ch_printf(a, "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %s", name));

    if (n > 0)
        (void)pg_number(a, c, ch_printf(a, "SELECT setval('%s', %lld)", name, (long long)(last + n)));
    return last;
}

/* Reserves the numbers that the plan needs from the sequences. Returns the id of the first audit row. */
static int64_t reserve_numbers(struct ch_arena *a, PGconn *c, const struct totals *t)
{
    int64_t seal_code = advance_sequence(a, c, "hall.seal_code_number", t->seal_codes);
    int64_t filing = advance_sequence(a, c, "hall.filing_number", t->filings);

    words_count_from(seal_code, filing, pg_number(a, c, "SELECT count(*) FROM hall.account"));
    return advance_sequence(a, c, "hall.audit_id_seq", t->audit) + 1;
}

/* Makes the partitions of all months that rows will be in. Each is a statement of its own, because it locks the table for a
 * moment. */
static bool make_months(struct ch_arena *a, PGconn *c, int64_t now)
{
    const char *begin = ch_beijing(a, (now - plan_span()) / 1000000, "%Y-%m-01");
    PGresult *res =
        pg_ask(a, c,
               ch_printf(a,
                         "SELECT format('SELECT hall.month_make(%%L, %%L)', m.tbl, month::date) FROM hall.monthly m,"
                         " generate_series('%s', (now() AT TIME ZONE 'Asia/Shanghai')::date, interval '1 month') month",
                         begin),
               NULL, NULL);
    bool ok = res != NULL;

    for (int i = 0; ok && i < PQntuples(res); i++)
        ok = pg_do(c, PQgetvalue(res, i, 0));
    return ok;
}

static void show_time(const char *what, int64_t since)
{
    printf("%s: %.1f s\n", what, (double)(ch_tick_ms() - since) / 1000);
    fflush(stdout);
}

/* With their defaults, these settings make PostgreSQL write the same pages again and again while they grow. */
static const char *const settings[] = {"autovacuum = off", "max_wal_size = '16GB'", "checkpoint_timeout = '1h'"};

static bool change_settings(struct ch_arena *a, PGconn *c, bool ours)
{
    bool ok = true;

    for (size_t i = 0; i < CH_COUNT(settings); i++)
        ok = pg_do(c, ours ? ch_printf(a, "ALTER SYSTEM SET %s", settings[i])
                           : ch_printf(a, "ALTER SYSTEM RESET %.*s", (int)strcspn(settings[i], " "), settings[i])) &&
             ok;
    return pg_do(c, "SELECT pg_reload_conf()") && ok;
}

/* Changes the settings, and drops the indexes if that pays: not for a few more orders in a large hall. */
static bool prepare_load(struct ch_arena *a, PGconn *c, int64_t n)
{
    bool many = n * 4 >= pg_number(a, c, "SELECT count(*) FROM hall.orders");

    return change_settings(a, c, true) && (!many || indexes_drop(a, c));
}

/* Revocations of long ago are in a list of long ago; copies have the number of the specimen's list, which is of today. */
static bool date_changes(PGconn *c)
{
    return pg_do(c, "UPDATE hall.crl_change h SET number = l.number"
                    " FROM (SELECT ca, min(number) AS number FROM hall.crl GROUP BY ca) l"
                    " WHERE l.ca = h.ca AND h.number > l.number AND h.at < now() - interval '7 days'");
}

/* Signs what was committed, whatever the result of the load, restores settings and indexes, and checks foreign keys and sizes. */
static bool finish_load(struct ch_arena *a, PGconn *c, const struct ch_merkle *tree)
{
    int64_t begun = ch_tick_ms();
    bool ok = trail_sign(a, c, tree);

    ok = date_changes(c) && pg_do(c, "SELECT hall.report_recount()") && ok;
    ok = pg_do(c, "VACUUM") && ok; /* before the settings are restored, because it writes every page once more */
    show_time("vacuum", begun);
    begun = ch_tick_ms();
    ok = indexes_make(a, c) && ok;
    ok = pg_do(c, "ANALYZE") && ok;
    show_time("indexes and statistics", begun);
    ok = change_settings(a, c, false) && ok;
    begun = ch_tick_ms();
    ok = check_references(a, c) && ok;
    show_time("foreign keys asked", begun);
    check_sizes(a, c);
    return ok;
}

static bool fill_hall(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, int64_t n, const char *specimens)
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
    if (!tables_read(a, c) || !read_moulds(a, c, ring, specimens, moulds) || !check_ways(moulds) || !trail_read(a, c, &tree))
        return false;
    struct totals totals = plan_count(plan_new(a, moulds, n, now, seed));
    printf("%zu specimens; %lld orders of %lld new accounts, %lld rows of audit trail\n", moulds->n,
           (long long)totals.orders, (long long)totals.accounts, (long long)totals.audit);
    struct plan *plan = plan_new(a, moulds, n, now, seed);
    plan_audit_from(plan, reserve_numbers(a, c, &totals));
    bool ok =
        make_months(a, c, now) && prepare_load(a, c, n) && load_run(&(struct load){plan, ring, &tree, totals.orders});
    return finish_load(a, c, &tree) && ok;
}

static struct ch_ring *open_ring(struct ch_arena *a)
{
    static const struct ch_stmt *const *const lists[] = {keys_statements, NULL};
    struct ch_db *db = ch_db_open(ch_printf(a, "%s", ch_conf(CONF_DB)), "certhall_owner", lists);
    struct ch_ring *ring = db != NULL ? ch_db_keys_load(db, CH_KEYS_ALL) : NULL;

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
    if (argc != 4 || strcmp(argv[1], "fill") != 0 || n <= 0) {
        fputs("certhall-bench fill N SPECIMENS\n"
              "  N           how many orders to add\n"
              "  SPECIMENS   a line \"<way> <order>\" for each order that is to be copied (walk.mjs)\n",
              stderr);
        return 2;
    }
    if (!ch_config_load())
        return 1;
    if (ch_conf_bool(CONF_PRODUCTION)) {
        fputs("this hall is in production: it is not filled with orders that nobody made\n", stderr);
        return 1;
    }
    struct ch_arena *a = ch_arena_new();
    struct ch_ring *ring = open_ring(a);
    PGconn *c = ring != NULL ? pg_connect(a, false) : NULL;
    bool ok = c != NULL && fill_hall(a, c, ring, n, argv[3]);
    ch_ring_free(ring);
    ch_arena_free(a);
    return ok ? 0 : 1;
}
