/* SPDX-License-Identifier: Apache-2.0
 * Reads the data keys from the database into a ring. */
#include "core/db/keys.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "keys_sql.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

const char *ch_db_keys_folders(struct ch_arena *a, unsigned folders)
{
    const char *list = "";

    for (size_t i = 0; i < CH_KEYS_COUNT; i++)
        if (ch_keys_rows[i].encrypts && (folders & ch_keys_rows[i].folder) != 0)
            list = ch_printf(a, "%s%s%s", list, *list != '\0' ? "," : "", ch_keys_rows[i].name);
    return ch_printf(a, "{%s}", list);
}

static bool add_all(struct ch_ring *ring, struct ch_arena *a, struct ch_db *db, unsigned folders)
{
    const char *names = ch_db_keys_folders(a, folders);
    struct ch_rows rows;

    if (strcmp(names, "{}") == 0)
        return true;
    if (ch_db_one(db, a, NULL, CH_CALL(&keys_of, ch_p_text(names)), &rows) != CH_OK)
        return false;
    for (int i = 0; i < rows.n; i++)
        if (!ch_ring_add(ring, ch_col(&rows, i, "folder"), (uint32_t)ch_col_int(&rows, i, "id"),
                         (uint32_t)ch_col_int(&rows, i, "kek"), ch_col_bytes(&rows, a, i, "wrapped"),
                         ch_col_bool(&rows, i, "active")))
            return false;
    return rows.n > 0;
}

struct ch_ring *ch_db_keys_load(struct ch_db *db, unsigned folders)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_ring *ring = ch_ring_open(ch_conf(CONF_KEYS), folders);

    if (ring != NULL && !add_all(ring, a, db, folders)) {
        ch_log(CH_ERROR, NULL, "no field keys");
        ch_ring_free(ring);
        ring = NULL;
    }
    ch_arena_free(a);
    return ring;
}

bool ch_db_keys_refill(struct ch_ring *r, struct ch_db *db, unsigned folders)
{
    struct ch_ring *fresh = ch_db_keys_load(db, folders);

    if (fresh != NULL)
        ch_ring_replace(r, fresh);
    return fresh != NULL;
}

/* The last attempt to refill the process's ring, by ch_tick_ms. */
static _Atomic int64_t followed_at;

bool ch_db_keys_stale(void)
{
    return ch_tick_ms() - followed_at > ch_conf_int(CONF_KEYS_REFRESH) * 1000;
}

void ch_db_keys_follow(struct ch_ring *r, struct ch_db *db, unsigned folders)
{
    static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;

    if (!ch_db_keys_stale())
        return;
    pthread_mutex_lock(&one);
    if (ch_db_keys_stale() && !ch_db_keys_refill(r, db, folders))
        ch_log(CH_WARN, NULL, "the field keys stay as they were");
    followed_at = ch_tick_ms();
    pthread_mutex_unlock(&one);
}
