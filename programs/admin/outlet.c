/* SPDX-License-Identifier: Apache-2.0
 * Outlets (渠道网点), which make and ship certificates in place of the authority, and see people who prove in person who they are, by
 * appointment. Projects name them; staff with the role "outlet" belong to them. Two security officers decide what is an outlet, where it
 * is and when it is open (programs/admin/resolution.h). */
#include "programs/admin/resolution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSED = 3, OPEN = 6 }; /* arguments of a change */

static bool list_outlets(struct ch_arena *a, struct ch_db *db)
{
    struct ch_rows r;

    if (!admin_run(a, db, "admin.outlet", CH_CALL0(&admin_outlet_list), &r))
        return false;
    for (int i = 0; i < r.n; i++) {
        const char *producers = ch_col(&r, i, "producers"), *hours = ch_col(&r, i, "hours");
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ch_col(&r, i, "code"), ch_col(&r, i, "name"), ch_col(&r, i, "place"),
               producers != NULL ? producers : "-", hours != NULL ? ch_col(&r, i, "phone") : "-",
               ch_col(&r, i, "seats"), hours != NULL ? hours : "-");
    }
    return true;
}

/* The change of "CODE NAME PLACE [PHONE SEATS HOURS]": drafts it, or makes it with the files, if there are any. Without the last three the
 * outlet takes no appointments. */
static bool change_outlet(struct ch_arena *a, struct ch_db *db, bool drafted, char *const files[2], int argc, char **argv)
{
    const bool open = argc == OPEN;
    const struct ch_param phone = ch_p_text(open ? argv[3] : NULL), seats = ch_p_text(open ? argv[4] : NULL),
                          hours = ch_p_text(open ? argv[5] : NULL);
    struct ch_param params[] = {ch_p_text(argv[0]), ch_p_text(argv[1]), ch_p_text(argv[2]), phone, seats, hours,
                                ch_p_null()};
    const struct resolution r = {
        .op = "admin.outlet",
        .title = "变更网点",
        .facts =
            CH_CALL(&admin_outlet_facts, ch_p_text(argv[0]), ch_p_text(argv[1]), ch_p_text(argv[2]), phone, seats, hours),
        .deed = &admin_outlet_put,
        .params = params,
    };

    return drafted ? resolution_draft(a, db, &r) : resolution_put(a, db, &r, files, NULL);
}

/* Whether these are the arguments of a change. */
static bool is_change(int argc, char **argv)
{
    char *end;

    if (argc != CLOSED && argc != OPEN)
        return false;
    return argc == CLOSED || (strtol(argv[4], &end, 10) > 0 && *end == '\0');
}

int admin_outlet(struct ch_arena *a, int argc, char **argv)
{
    const char *word = argc > 0 ? argv[0] : "";
    bool listed = argc == 1 && strcmp(word, "list") == 0, drafted = strcmp(word, "draft") == 0;
    bool put = argc > 3 && strcmp(word, "put") == 0;
    const int before = put ? 3 : 1; /* words and files before the change */

    if (!listed && !((drafted || put || strcmp(word, "add") == 0) && is_change(argc - before, argv + before)))
        return 2;
    struct ch_db *db = admin_db();
    bool ok = db != NULL && (listed ? list_outlets(a, db)
                                    : change_outlet(a, db, drafted, put ? argv + 1 : NULL, argc - before, argv + before));
    ch_db_close(db);
    return ok ? 0 : 1;
}
