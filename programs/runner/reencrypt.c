/* SPDX-License-Identifier: Apache-2.0
 * The rotation of the field keys, in the background (sql/schema/baseline/foundation.sql describes the life of a key): the
 * newest key becomes active, every value under an older key is re-encrypted in small transactions, and when none is left, the
 * older key is destroyed. The job can be interrupted and repeated at any point, because the rows themselves tell what is left
 * to do. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/db/keys.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define BATCH 25
#define SLICE_MS 20000 /* well within the lease */
#define HOUR_MS ((int64_t)3600 * 1000)

struct pass {
    struct ch_db *db;
    const char *place;
    char after[CH_UUID_TEXT + 1]; /* the last row that was handled */
    int64_t until;                /* by ch_tick_ms */
    int closed;                   /* values that could not be decrypted */
};

enum step { MORE, END, FAILED };

/* Encrypts a value with the active key; false, with a line in the log, when the old value cannot be decrypted. */
static bool reencrypt_value(struct pass *p, struct ch_arena *a, const char *row, struct ch_bytes old, struct ch_bytes *fresh)
{
    struct ch_bytes plain;

    if (!ch_decrypt(runner_ring(), a, p->place, row, old, &plain)) {
        ch_log(CH_ERROR, row, "%s does not open: its key stays", p->place);
        p->closed++;
        return false;
    }
    *fresh = ch_encrypt(runner_ring(), a, p->place, row, plain);
    return true;
}

/* Re-encrypts the next rows of the column in one transaction. */
static enum step reencrypt_batch(struct pass *p, struct ch_arena *a)
{
    struct ch_call calls[BATCH + 1] = {CH_CALL(&runner_enter, ch_p_text("keys.reencrypt"))};
    struct ch_param params[BATCH][4];
    struct ch_rows r, answers[BATCH + 1];
    const char *after = p->after[0] != '\0' ? p->after : NULL;
    size_t n = 1;

    if (ch_db_one(p->db, a, NULL,
                  CH_CALL(&runner_encrypted_old, ch_p_text(p->place), ch_p_text(after), ch_p_int(a, BATCH)), &r) != CH_OK)
        return FAILED;
    for (int i = 0; i < r.n; i++) {
        const char *row = ch_col(&r, i, "row");
        struct ch_bytes old = ch_col_bytes(&r, a, i, "value"), fresh;
        snprintf(p->after, sizeof p->after, "%s", row);
        if (!reencrypt_value(p, a, row, old, &fresh))
            continue;
        const struct ch_param row_params[4] = {ch_p_text(p->place), ch_p_text(row), ch_p_bytes(old), ch_p_bytes(fresh)};
        memcpy(params[i], row_params, sizeof row_params);
        calls[n++] = ch_call_of(&runner_reencrypted, params[i], 4);
    }
    if (n > 1 && ch_db_run(p->db, a, NULL, calls, n, answers) != CH_OK)
        return FAILED;
    return r.n < BATCH ? END : MORE;
}

/* Re-encrypts a column until it ends or the time is up. */
static enum step reencrypt_column(struct pass *p)
{
    enum step s = MORE;

    while (s == MORE && ch_tick_ms() < p->until) {
        struct ch_arena *a = ch_arena_new();
        s = reencrypt_batch(p, a);
        ch_arena_free(a); /* wipes the decrypted values */
    }
    return s;
}

/* No value is left under an older key: destroys the older keys as soon as no process can use them any more. */
static enum end destroy_old_keys(struct work *w)
{
    int64_t refresh = ch_conf_int(CONF_KEYS_REFRESH);
    struct ch_rows r;

    if (!read_job(w, CH_CALL(&runner_data_keys_end, ch_p_int(w->a, CH_RING_GRACE * refresh)), &r))
        return retry_job(w, NULL);
    if (ch_col_int(&r, 0, "n") == 0)
        return finish_job(w, NULL, 0);
    return await_job(w, "the retired key is kept a little", refresh * 1000);
}

enum end job_reencrypt(struct work *w)
{
    struct ch_rows places;
    struct pass p = {.db = w->db, .until = ch_tick_ms() + SLICE_MS};

    w->most = INT_MAX;
    if (ch_db_one(w->db, w->a, &w->fault, CH_CALL0(&runner_data_key_activate), NULL) != CH_OK || !runner_refill(w->db) ||
        ch_db_one(w->db, w->a, &w->fault, CH_CALL0(&runner_encrypted_columns), &places) != CH_OK)
        return retry_job(w, NULL);
    for (int i = 0; i < places.n; i++) {
        p.place = ch_col(&places, i, "place");
        p.after[0] = '\0';
        enum step s = reencrypt_column(&p);
        if (s != END)
            return s == FAILED ? retry_job(w, "rows cannot be written") : await_job(w, "more values", 1);
    }
    return p.closed > 0 ? retry_job_in(w, "some values do not open", HOUR_MS) : destroy_old_keys(w);
}
