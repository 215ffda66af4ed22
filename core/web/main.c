/* SPDX-License-Identifier: Apache-2.0
 * The main program of every module. */
#include "core/web/private.h"

#include "core/base/config.h"
#include "core/base/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LISTS 8

static struct ch_ring *ring;

const struct ch_ring *ch_ring(void)
{
    return ring;
}

static const struct ch_stmt data_keys = {"core_data_keys", "SELECT id, kek, wrapped, active FROM hall.data_keys()", ""};
static const struct ch_stmt *const key_list[] = {&data_keys, NULL};

/* The field keys: wrapped in the database, their wrapping keys in files. */
static bool load_ring(const struct ch_module *m)
{
    const struct ch_stmt *const *const lists[] = {key_list, NULL};
    struct ch_arena *a = ch_arena_new();
    struct ch_rows rows;
    bool ok = false;

    struct ch_db *db = ch_db_open(ch_conf(CONF_DB), ch_printf(a, "certhall_%s", m->name), lists);
    ring = ch_ring_open(ch_conf(CONF_KEYS));
    if (db != NULL && ring != NULL && ch_db_one(db, a, NULL, CH_CALL0(&data_keys), &rows) == CH_OK) {
        ok = rows.n > 0;
        for (int i = 0; i < rows.n && ok; i++)
            ok = ch_ring_add(ring, (uint32_t)ch_col_int(&rows, i, "id"), (uint32_t)ch_col_int(&rows, i, "kek"),
                             ch_col_bytes(&rows, a, i, "wrapped"), ch_col_bool(&rows, i, "active"));
    }
    if (!ok)
        ch_log(CH_ERROR, NULL, "no field keys");
    ch_db_close(db);
    ch_arena_free(a);
    return ok;
}

/* The module's lists and core's own. */
static const struct ch_stmt *const *const *all_statements(const struct ch_module *m)
{
    static const struct ch_stmt *const *lists[MAX_LISTS + 1];
    size_t n = 0;

    if (!m->sandbox_db)
        lists[n++] = ch__core_statements;
    for (const struct ch_stmt *const *const *l = m->statements; l != NULL && *l != NULL; l++) {
        if (n == MAX_LISTS)
            abort();
        lists[n++] = *l;
    }
    return lists;
}

static bool start(struct ch_module *m)
{
    if (!ch_routes_check(m) || !ch_config_load())
        return false;
    if (m->no_db)
        return m->start == NULL || m->start();
    if (!m->sandbox_db && !load_ring(m))
        return false;
    if (!m->sandbox_db)
        ch__session_keys();
    m->statements = all_statements(m);
    return ch__pool_open(m) && (m->start == NULL || m->start());
}

int ch_module_main(const struct ch_module *m, int argc, char **argv)
{
    struct ch_module own = *m;

    ch_log_program(m->name);
    if (argc > 1 && strcmp(argv[1], "--routes") == 0)
        return ch__print_routes(m);
    signal(SIGPIPE, SIG_IGN);
    if (!start(&own)) {
        sleep(1); /* supervisor tries again: the database may still be starting */
        return 1;
    }
    return ch__serve(&own);
}
