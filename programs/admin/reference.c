/* SPDX-License-Identifier: Apache-2.0
 * Imports reference data from files: the calendar of working days, and the regions (docs/operators.md). The database reports what
 * has changed. */
#include "programs/admin/admin.h"

#include <stdio.h>
#include <string.h>

static int import_reference(struct ch_arena *a, const char *text, const char *op, const struct ch_stmt *stmt)
{
    struct ch_rows r;
    struct ch_db *db = text != NULL ? admin_db() : NULL;
    bool ok = db != NULL && admin_run(a, db, op, CH_CALL(stmt, ch_p_text(text)), &r);

    if (ok)
        printf("%s\n", ch_col(&r, 0, "out"));
    ch_db_close(db);
    return ok ? 0 : 1;
}

static bool is_import(int argc, char **argv)
{
    return argc == 2 && strcmp(argv[0], "import") == 0;
}

int admin_calendar(struct ch_arena *a, int argc, char **argv)
{
    struct ch_json *document;

    if (!is_import(argc, argv))
        return 2;
    return import_reference(a, admin_read_document(a, argv[1], &document), "admin.calendar", &admin_calendar_import);
}

int admin_regions(struct ch_arena *a, int argc, char **argv)
{
    if (!is_import(argc, argv))
        return 2;
    return import_reference(a, admin_read_file(a, argv[1]), "admin.regions", &admin_regions_import);
}
