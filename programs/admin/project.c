/* SPDX-License-Identifier: Apache-2.0
 * Projects come in as one JSON document each (sql/demo has examples); constraints of the database judge them. */
#include "programs/admin/admin.h"

#include <stdio.h>
#include <string.h>

int admin_project(struct ch_arena *a, int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[0], "import") != 0)
        return 2;
    const char *text = admin_read_file(a, argv[1]);
    struct ch_db *db = text != NULL ? admin_db() : NULL;
    bool ok = db != NULL && admin_run(a, db, "admin.project", CH_CALL(&admin_project_import, ch_p_text(text)), NULL);

    ch_db_close(db);
    if (ok)
        printf("%s: imported\n", argv[1]);
    return ok ? 0 : 1;
}
