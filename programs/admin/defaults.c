/* SPDX-License-Identifier: Apache-2.0
 * The hall's own courier rules and message texts. They apply to every project that does not define its own. */
#include "programs/admin/admin.h"

#include <stdio.h>
#include <string.h>

static int show_defaults(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows rows;

    if (!admin_run(a, db, "admin.defaults", CH_CALL0(&admin_defaults_show), &rows))
        return 1;
    puts(ch_col(&rows, 0, "out"));
    return 0;
}

static int import_defaults(struct ch_arena *a, struct ch_db *db, const char *path)
{
    struct ch_json *document;
    const char *text = admin_read_document(a, path, &document);

    return text != NULL && admin_run(a, db, "admin.defaults", CH_CALL(&admin_defaults_take, ch_p_text(text)), NULL) ? 0 : 1;
}

int admin_defaults(struct ch_arena *a, int argc, char **argv)
{
    bool shown = argc == 1 && strcmp(argv[0], "show") == 0;

    if (!shown && (argc != 2 || strcmp(argv[0], "import") != 0))
        return 2;
    struct ch_db *db = admin_db();
    int end = db == NULL ? 1 : shown ? show_defaults(a, db) : import_defaults(a, db, argv[1]);
    ch_db_close(db);
    return end;
}
