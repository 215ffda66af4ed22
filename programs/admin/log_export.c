/* SPDX-License-Identifier: Apache-2.0
 * Writes the whole signed log to a file (core/order/log_export.h), page by page, and puts on record why. */
#include "programs/admin/admin.h"

#include "core/base/random.h"
#include "core/crypto/ring.h"
#include "core/db/keys.h"
#include "core/order/log_write.h"
#include "log_export_sql.h"

#include <stdio.h>
#include <string.h>

#define OP "admin.audit_export"
#define REASON "log_export.reason" /* a place of hall.log_export (core/crypto/ring.h) */
#define REASON_LEAST 4
#define REASON_MOST 500

/* Puts the export on record; returns how far it goes, 0 after an error message. */
static int64_t put_on_record(struct ch_arena *a, struct ch_db *db, const char *why)
{
    struct ch_ring *ring = ch_db_keys_load(db, CH_KEYS_EVIDENCE);
    const char *id = ch_uuid7(a);
    struct ch_rows rows;

    if (ring == NULL) {
        fprintf(stderr, "the keys of the reason cannot be read\n");
        return 0;
    }
    struct ch_bytes reason = ch_encrypt(ring, a, REASON, id, CH_BYTES(why, strlen(why)));
    ch_ring_free(ring);
    return admin_run(a, db, OP, CH_CALL(&admin_log_export_ask, ch_p_text(id), ch_p_bytes(reason)), &rows)
               ? ch_col_int(&rows, 0, "size")
               : 0;
}

static bool write_pages(struct ch_db *db, int64_t size, FILE *to)
{
    struct ch_arena *page = ch_arena_new();
    struct ch_log_write w = {.size = size};
    bool ok = true;

    while (ok && w.leaves < size) {
        struct ch_rows rows, heads;
        struct ch_bytes lines;

        ch_arena_reset(page);
        ok = admin_run(page, db, OP,
                       CH_CALL(&log_export_rows, ch_p_int(page, w.leaves), ch_p_int(page, size), ch_p_int(page, CH_LOG_PAGE)),
                       &rows) &&
             admin_run(page, db, OP, CH_CALL(&log_export_heads, ch_p_int(page, w.leaves), ch_p_int(page, CH_LOG_PAGE)),
                       &heads);
        if (ok && !ch_log_write_page(page, &w, &rows, &heads, &lines)) {
            fprintf(stderr, "leaf %lld of the log is missing\n", (long long)w.leaves);
            ok = false;
        }
        if (ok && fwrite(lines.p, 1, lines.n, to) != lines.n) {
            fprintf(stderr, "the file cannot be written\n");
            ok = false;
        }
    }
    ch_arena_free(page);
    if (ok)
        fprintf(stderr, "%lld rows, %lld signed heads\n", (long long)w.leaves, (long long)w.heads);
    return ok;
}

int admin_log_export(struct ch_arena *a, const char *path, const char *why)
{
    if (strlen(why) < REASON_LEAST || strlen(why) > REASON_MOST) {
        fprintf(stderr, "the reason has %d to %d bytes\n", REASON_LEAST, REASON_MOST);
        return 2;
    }
    struct ch_db *db = admin_db();
    if (db == NULL)
        return 1;
    FILE *to = strcmp(path, "-") == 0 ? stdout : fopen(path, "wxe");
    bool ok = to != NULL;
    if (!ok)
        fprintf(stderr, "%s: cannot be made, or is there already\n", path);
    int64_t size = ok ? put_on_record(a, db, why) : 0;
    ok = size > 0 && write_pages(db, size, to);
    if (to != NULL && (to == stdout ? fflush(to) : fclose(to)) != 0)
        ok = false;
    if (!ok && to != NULL && to != stdout)
        remove(path); /* nobody is to take a part for the whole */
    ch_db_close(db);
    return ok ? 0 : 1;
}
