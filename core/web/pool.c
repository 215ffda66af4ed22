/* SPDX-License-Identifier: Apache-2.0
 * The pool of database connections. A thread that finds none waits. */
#include "core/web/private.h"

#include "core/base/config.h"

#include <pthread.h>
#include <stdlib.h>

#define MAX_POOL 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static struct ch_db *idle[MAX_POOL];
static size_t idle_count;

bool ch__pool_open(const struct ch_module *m)
{
    int64_t n = ch_conf_int(CONF_DB_POOL);
    const char *conninfo = ch_conf(m->sandbox_db ? CONF_SANDBOX_DB : CONF_DB);
    struct ch_arena *a = ch_arena_new();
    const char *role = ch_printf(a, "certhall_%s", m->name);

    if (n < 1 || n > MAX_POOL)
        n = 2;
    while (idle_count < (size_t)n) {
        struct ch_db *db = ch_db_await(conninfo, role, m->statements);
        if (db == NULL)
            break;
        idle[idle_count++] = db;
    }
    ch_arena_free(a);
    return idle_count == (size_t)n;
}

struct ch_db *ch__pool_take(void)
{
    pthread_mutex_lock(&lock);
    while (idle_count == 0)
        pthread_cond_wait(&freed, &lock);
    struct ch_db *db = idle[--idle_count];
    pthread_mutex_unlock(&lock);
    return db;
}

void ch__pool_give(struct ch_db *db)
{
    pthread_mutex_lock(&lock);
    idle[idle_count++] = db;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&lock);
}
