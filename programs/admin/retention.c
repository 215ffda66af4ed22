/* SPDX-License-Identifier: Apache-2.0
 * Lists or erases the data whose retention has ended. The runner erases them every night anyway; only the runner deletes files. */
#include "programs/admin/admin.h"

#include <stdio.h>
#include <string.h>

#define BATCH 25

static bool list_due(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;

    if (!admin_run(a, db, "admin.retention", CH_CALL0(&admin_retention_list), &r))
        return false;
    for (int i = 0; i < r.n; i++) {
        const char *number = ch_col(&r, i, "number");
        printf("%s\t%s\t%s\n", ch_col(&r, i, "what"), ch_col(&r, i, "since"), number != NULL ? number : "-");
    }
    printf("%d due\n", r.n);
    return true;
}

static bool erase_due(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;
    long erased = 0;
    int64_t n = 1;

    while (n > 0) {
        if (!admin_run(a, db, "admin.retention", CH_CALL(&admin_retention_step, ch_p_int(a, BATCH)), &r))
            return false;
        n = ch_col_int(&r, 0, "n");
        erased += n;
    }
    printf("%ld erased\n", erased);
    return true;
}

int admin_retention(struct ch_arena *a, int argc, char **argv)
{
    bool dry = argc == 1 && strcmp(argv[0], "--dry-run") == 0;

    if (argc != 0 && !dry)
        return 2;
    struct ch_db *db = admin_db();
    bool ok = db != NULL && (dry ? list_due(a, db) : erase_due(a, db));
    ch_db_close(db);
    return ok ? 0 : 1;
}
