/* SPDX-License-Identifier: Apache-2.0
 * The monthly partitions of the tables that grow with every event: listing them, and detaching an old one. */
#include "programs/admin/admin.h"

#include "core/form/rule.h"

#include <stdio.h>
#include <string.h>

static bool list_months(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;

    if (!admin_run(a, db, "admin.month", CH_CALL0(&admin_month_list), &r))
        return false;
    for (int i = 0; i < r.n; i++)
        printf("%s\t%s\t%s\n", ch_col(&r, i, "tbl"), ch_col(&r, i, "month"), ch_col(&r, i, "n"));
    return true;
}

static bool detach_month(struct ch_arena *a, struct ch_db *db, const char *table, const char *month)
{
    struct ch_rows r;

    if (ch_rule_date(ch_printf(a, "%s-01", month)) != NULL) {
        fprintf(stderr, "%s: no month; write 2026-01\n", month);
        return false;
    }

    if (!admin_run(a, db, "admin.month",
                   CH_CALL(&admin_month_detach, ch_p_text(table), ch_p_text(ch_printf(a, "%s-01", month))), &r))
        return false;
    printf("%s rows are in hall.%s_%.4s%s now\n", ch_col(&r, 0, "n"), table, month, month + strlen("2026-"));
    return true;
}

int admin_month(struct ch_arena *a, int argc, char **argv)
{
    bool list = argc == 1 && strcmp(argv[0], "list") == 0;

    if (!list && !(argc == 3 && strcmp(argv[0], "detach") == 0))
        return 2;
    struct ch_db *db = admin_db();
    bool ok = db != NULL && (list ? list_months(a, db) : detach_month(a, db, argv[1], argv[2]));
    ch_db_close(db);
    return ok ? 0 : 1;
}
