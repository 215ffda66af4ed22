/* SPDX-License-Identifier: Apache-2.0
 * The nightly search for files of the store that no row names. They come from an upload that ended between the file and its row
 * (core/paper/upload.c), or from a deleted voucher, and are deleted.
 *
 * A file counts as orphaned only when it is older than `store_orphan_hours`, and never within an hour after it was stored: its row
 * is made within half an hour or refused (hall.file_in_time). If many files at once have no row, the database is probably not the
 * one that belongs to the store (it was restored from an old copy, or is another hall's), and nothing is deleted. */
#include "programs/runner/runner.h"

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/paper/store.h"

#include <string.h>

#define SHORTEST_HOURS 1
#define SLICE_MS 20000 /* well within the lease */
#define SLICE_PAGES 64
#define BATCH 500
/* A batch may have this number of orphaned files, or a fifth of its files; more of them stop the search. */
#define ORPHANS_MOST 25

struct counts {
    size_t old, taken;
};

/* The file to begin with: <from> in the job's key "store_sweep/<night>/<from>". */
static const char *sweep_start(const struct work *w)
{
    const char *night = strchr(w->key, '/'), *from = night != NULL ? strchr(night + 1, '/') : NULL;
    return from != NULL ? from + 1 : "";
}

static bool delete_orphans(struct work *w, const char *const *ids, size_t n, struct counts *c)
{
    struct ch_rows r;

    if (ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_store_unknown, ch_p_array(w->a, ids, n)), &r) != CH_OK)
        return false;
    if (r.n > ORPHANS_MOST && (size_t)r.n > n / 5) {
        w->why =
            ch_printf(w->a, "%d of %zu files have no row: is this the store's database? Nothing was taken away", r.n, n);
        ch_log(CH_ERROR, w->job, "store: %s", w->why);
        return false;
    }
    for (int i = 0; i < r.n; i++, c->taken++)
        if (ch_store_delete(w->a, &w->fault, ch_col(&r, i, "id")) != CH_OK)
            return false;
    c->old += n;
    return true;
}

static bool sweep_page(struct work *w, const char *from, struct counts *c, const char **next)
{
    int64_t hours = ch_conf_int(CONF_STORE_ORPHAN);
    struct ch_store_page page;

    if (hours < SHORTEST_HOURS)
        hours = SHORTEST_HOURS;
    if (ch_store_list(w->a, &w->fault, from, hours * 3600, &page) != CH_OK)
        return false;
    for (size_t i = 0; i < page.n; i += BATCH)
        if (!delete_orphans(w, page.ids + i, page.n - i < BATCH ? page.n - i : BATCH, c))
            return false;
    *next = page.next;
    return true;
}

enum end job_store_sweep(struct work *w)
{
    const char *from = sweep_start(w), *next = from;
    int64_t until = ch_tick_ms() + SLICE_MS;
    struct counts c = {0};
    bool ok = true;

    for (int i = 0; ok && next != NULL && i < SLICE_PAGES && ch_tick_ms() < until; i++)
        ok = sweep_page(w, next, &c, &next);
    if (c.old > 0 || c.taken > 0)
        ch_log(CH_INFO, w->job, "store: %zu old files looked at, %zu without a row taken away", c.old, c.taken);
    if (!ok)
        return retry_job(w, w->why != NULL ? w->why : "store");
    if (next == NULL)
        return finish_job(w, NULL, 0);
    int night = (int)(from - w->key);
    const struct ch_call on = CH_CALL(&runner_store_sweep_on, ch_p_text(ch_printf(w->a, "%.*s%s", night, w->key, next)));
    return finish_job(w, &on, 1);
}

void enqueue_store_sweep(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_store_sweep_want), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "the night's sweep of the store is not asked for");
}
