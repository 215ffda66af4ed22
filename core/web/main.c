/* SPDX-License-Identifier: Apache-2.0
 * The main program of every module. */
#include "core/web/private.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/version.h"
#include "core/db/keys.h"
#include "caller_sql.h"
#include "keys_sql.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ch_ring *ring;

const struct ch_ring *ch_ring(void)
{
    return ring;
}

/* Reads the data keys with the database role of the module. */
static bool load_ring(const struct ch_module *m)
{
    const struct ch_stmt *const *const lists[] = {keys_statements, NULL};
    struct ch_arena *a = ch_arena_new();
    struct ch_db *db = ch_db_await(ch_conf(CONF_DB), ch_printf(a, "certhall_%s", m->name), lists);

    if (db != NULL)
        ring = ch_db_keys_load(db, m->keys);
    ch_db_close(db);
    ch_arena_free(a);
    return ring != NULL;
}

void ch__follow_keys(const struct ch_module *m)
{
    if (ring == NULL || !ch_db_keys_stale())
        return;
    struct ch_db *db = ch__pool_take();
    ch_db_keys_follow(ring, db, m->keys);
    ch__pool_give(db);
}

/* The module's lists of statements and those of core. */
static const struct ch_stmt *const *const *all_statements(struct ch_arena *a, const struct ch_module *m)
{
    size_t n = 0, own = 0;

    while (m->statements != NULL && m->statements[own] != NULL)
        own++;
    const struct ch_stmt *const **lists = ch_alloc_array(a, own + 3, sizeof *lists);
    if (!m->sandbox_db) {
        lists[n++] = caller_statements;
        lists[n++] = keys_statements;
    }
    for (size_t i = 0; i < own; i++)
        lists[n++] = m->statements[i];
    return lists;
}

/* What the module needs of the kernel with these settings. */
static unsigned needs_of(const struct ch_module *m)
{
    bool far_store = m->store && *ch_conf(CONF_S3_URL) != '\0';
    bool far_db = !m->no_db && ch_db_remote(ch_conf(m->sandbox_db ? CONF_SANDBOX_DB : CONF_DB));

    return CH_NEEDS_DAEMON | m->needs | (far_store || far_db ? CH_NEEDS_NET : 0u);
}

static bool start_module(struct ch_arena *a, struct ch_module *m)
{
    if (!ch_routes_check(m) || !ch_config_load())
        return false;
    if (!ch_harden(needs_of(m))) {
        ch_log(CH_ERROR, NULL, "the kernel refuses to take rights away");
        return false;
    }
    if (m->no_db)
        return m->start == NULL || m->start();
    if (!m->sandbox_db && !load_ring(m))
        return false;
    if ((m->keys & CH_KEYS_SESSION) != 0 && !ch__session_keys())
        return false;
    m->statements = all_statements(a, m);
    return ch__pool_open(m) && (m->start == NULL || m->start());
}

static int serve_module(struct ch_arena *a, struct ch_module *m)
{
    signal(SIGPIPE, SIG_IGN);
    if (!start_module(a, m)) {
        sleep(1); /* slows down supervisor, which restarts the program */
        return 1;
    }
    return ch__serve(m);
}

static int print_groups(const struct ch_module *m)
{
    ch_ring_print_groups(m->keys);
    if (m->store)
        puts("store");
    if (m->vendors)
        puts("vendors");
    return 0;
}

int ch_module_main(const struct ch_module *m, int argc, char **argv)
{
    struct ch_module own = *m;

    if (ch_version_asked(argc, argv))
        return 0;
    ch_log_program(m->name);
    if (argc > 1 && strcmp(argv[1], "--groups") == 0)
        return print_groups(m);
    struct ch_arena *a = ch_arena_new();
    ch_routes_join(a, &own);
    int status;
    if (argc > 1 && strcmp(argv[1], "--statements") == 0)
        status = ch_db_print(all_statements(a, m));
    else if (argc > 1 && strcmp(argv[1], "--routes") == 0)
        status = ch__print_routes(&own);
    else
        status = serve_module(a, &own);
    ch_arena_free(a);
    return status;
}
