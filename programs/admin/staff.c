/* SPDX-License-Identifier: Apache-2.0
 * Adds or changes a member of staff, ends a member's sessions, or locks the member out. */
#include "programs/admin/admin.h"

#include "core/base/random.h"

#include <stdio.h>
#include <string.h>

static bool add(struct ch_arena *a, struct ch_db *db, int argc, char **argv)
{
    const char *outlet = argc == 5 ? argv[4] : NULL;

    return admin_run(a, db, "admin.staff",
                     CH_CALL(&admin_staff_put, ch_p_text(ch_uuid7(a)), ch_p_text(argv[1]), ch_p_text(argv[2]),
                             ch_p_text(ch_printf(a, "{%s}", argv[3])), ch_p_text(outlet)),
                     NULL);
}

/* "end NAME" or "lock NAME". */
static bool end(struct ch_arena *a, struct ch_db *db, int argc, char **argv)
{
    struct ch_rows rows;

    (void)argc;
    if (!admin_run(a, db, "admin.staff",
                   CH_CALL(&admin_staff_end, ch_p_text(argv[1]), ch_p_bool(strcmp(argv[0], "lock") == 0)), &rows))
        return false;
    bool there = ch_col_bool(&rows, 0, "there");
    if (!there)
        fprintf(stderr, "there is no staff of the name %s\n", argv[1]);
    return there;
}

static const struct {
    const char *word;
    int least, most; /* arguments, the word included */
    bool (*run)(struct ch_arena *a, struct ch_db *db, int argc, char **argv);
} actions[] = {{"add", 4, 5, add}, {"end", 2, 2, end}, {"lock", 2, 2, end}};

int admin_staff(struct ch_arena *a, int argc, char **argv)
{
    for (size_t i = 0; argc > 0 && i < CH_COUNT(actions); i++) {
        if (strcmp(argv[0], actions[i].word) != 0 || argc < actions[i].least || argc > actions[i].most)
            continue;
        struct ch_db *db = admin_db();
        bool ok = db != NULL && actions[i].run(a, db, argc, argv);
        ch_db_close(db);
        return ok ? 0 : 1;
    }
    return 2;
}
