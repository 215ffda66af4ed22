/* SPDX-License-Identifier: Apache-2.0
 * Outlets (渠道网点), which make and ship certificates in place of the authority. Projects name them; staff with the role "outlet"
 * belong to them. */
#include "programs/admin/admin.h"

#include <stdio.h>
#include <string.h>

static bool list_outlets(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;

    if (!admin_run(a, db, "admin.outlet", CH_CALL0(&admin_outlet_list), &r))
        return false;
    for (int i = 0; i < r.n; i++) {
        const char *producers = ch_col(&r, i, "producers");
        printf("%s\t%s\t%s\t%s\n", ch_col(&r, i, "code"), ch_col(&r, i, "name"), ch_col(&r, i, "place"),
               producers != NULL ? producers : "-");
    }
    return true;
}

int admin_outlet(struct ch_arena *a, int argc, char **argv)
{
    bool put = argc == 4 && strcmp(argv[0], "put") == 0;

    if (!put && (argc != 1 || strcmp(argv[0], "list") != 0))
        return 2;
    struct ch_db *db = admin_db();
    bool ok = db != NULL &&
              (put ? admin_run(a, db, "admin.outlet",
                               CH_CALL(&admin_outlet_put, ch_p_text(argv[1]), ch_p_text(argv[2]), ch_p_text(argv[3])), NULL)
                   : list_outlets(a, db));
    ch_db_close(db);
    return ok ? 0 : 1;
}
