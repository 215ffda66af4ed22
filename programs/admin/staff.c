/* SPDX-License-Identifier: Apache-2.0
 * Adds or changes a member of staff, which two security officers decide (programs/admin/resolution.h); ends a member's sessions, or
 * locks the member out, which takes nobody's signature, since it must be done at once and gives nothing to anybody. */
#include "programs/admin/resolution.h"

#include "core/base/random.h"

#include <stdio.h>
#include <string.h>

enum { PUT = 6 }; /* parameters of admin_staff_put */

/* The change of "NAME DISPLAY-NAME ROLE[,ROLE] [OUTLET]": drafts it, or makes it with the files, if there are any. */
static bool change(struct ch_arena *a, struct ch_db *db, bool drafted, char *const files[2], int argc, char **argv)
{
    const struct ch_param roles = ch_p_text(ch_printf(a, "{%s}", argv[2])), outlet = ch_p_text(argc == 4 ? argv[3] : NULL);
    struct ch_param params[PUT] = {ch_p_text(ch_uuid7(a)), ch_p_text(argv[0]), ch_p_text(argv[1]), roles, outlet};
    const struct resolution r = {
        .op = "admin.staff",
        .title = "变更工作人员",
        .facts = CH_CALL(&admin_staff_facts, ch_p_text(argv[0]), ch_p_text(argv[1]), roles, outlet),
        .deed = &admin_staff_put,
        .params = params,
    };

    return drafted ? resolution_draft(a, db, &r) : resolution_put(a, db, &r, files, NULL);
}

static bool add(struct ch_arena *a, struct ch_db *db, int argc, char **argv)
{
    return change(a, db, false, NULL, argc - 1, argv + 1);
}

static bool draft(struct ch_arena *a, struct ch_db *db, int argc, char **argv)
{
    return change(a, db, true, NULL, argc - 1, argv + 1);
}

static bool put(struct ch_arena *a, struct ch_db *db, int argc, char **argv)
{
    return change(a, db, false, argv + 1, argc - 3, argv + 3);
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
} actions[] = {{"add", 4, 5, add}, {"draft", 4, 5, draft}, {"put", 6, 7, put}, {"end", 2, 2, end}, {"lock", 2, 2, end}};

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
