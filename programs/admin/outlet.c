/* SPDX-License-Identifier: Apache-2.0
 * Outlets (渠道网点), which make and ship certificates in place of the authority. Projects name them; staff with the role "outlet"
 * belong to them. Two security officers decide what is an outlet and where it is (programs/admin/resolution.h). */
#include "programs/admin/resolution.h"

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

/* The change of "CODE NAME PLACE": drafts it, or makes it with the files, if there are any. */
static bool change_outlet(struct ch_arena *a, struct ch_db *db, bool drafted, char *const files[2], char **argv)
{
    struct ch_param params[] = {ch_p_text(argv[0]), ch_p_text(argv[1]), ch_p_text(argv[2]), ch_p_null()};
    const struct resolution r = {
        .op = "admin.outlet",
        .title = "变更网点",
        .facts = CH_CALL(&admin_outlet_facts, ch_p_text(argv[0]), ch_p_text(argv[1]), ch_p_text(argv[2])),
        .deed = &admin_outlet_put,
        .params = params,
    };

    return drafted ? resolution_draft(a, db, &r) : resolution_put(a, db, &r, files, NULL);
}

int admin_outlet(struct ch_arena *a, int argc, char **argv)
{
    bool listed = argc == 1 && strcmp(argv[0], "list") == 0, drafted = argc == 4 && strcmp(argv[0], "draft") == 0;
    bool added = argc == 4 && strcmp(argv[0], "add") == 0, put = argc == 6 && strcmp(argv[0], "put") == 0;

    if (!listed && !drafted && !added && !put)
        return 2;
    struct ch_db *db = admin_db();
    bool ok = db != NULL && (listed ? list_outlets(a, db)
                                    : change_outlet(a, db, drafted, put ? argv + 1 : NULL, put ? argv + 3 : argv + 1));
    ch_db_close(db);
    return ok ? 0 : 1;
}
