/* SPDX-License-Identifier: Apache-2.0
 * Imports a project from its JSON document (sql/demo has examples). The constraints of the database check the document, except for
 * the names of fields, which are a table that is compiled into this program. */
#include "programs/admin/admin.h"

#include "core/json/json.h"

#include <stdio.h>
#include <string.h>

static bool known_field(const char *name)
{
    static const char *const fields[] = {
#define CH_FIELD(field, block, label, kind, max, rule, groups) field,
#include "core/form/form.tbl"
#undef CH_FIELD
    };

    for (size_t i = 0; name != NULL && i < CH_COUNT(fields); i++)
        if (strcmp(fields[i], name) == 0)
            return true;
    return false;
}

/* Checks that the application form has every field that the project names; false after an error message. */
static bool check_fields(struct ch_arena *a, const char *path, const char *text)
{
    struct ch_json *document;

    if (ch_json_parse(a, CH_BYTES(text, strlen(text)), &document, NULL) != CH_JSON_OK) {
        fprintf(stderr, "%s: no JSON document, or one with duplicate members\n", path);
        return false;
    }
    const struct ch_json *list = ch_json_get(document, "fields");
    size_t n = 0;
    for (const struct ch_json *f = list != NULL ? list->first : NULL; f != NULL; f = f->next, n++)
        if (!known_field(ch_json_text(f, "field"))) {
            fprintf(stderr, "%s: /fields/%zu/field is no field of the form (certhall-admin form lists them)\n", path, n);
            return false;
        }
    return true;
}

int admin_project(struct ch_arena *a, int argc, char **argv)
{
    struct ch_rows changes;

    if (argc != 2 || strcmp(argv[0], "import") != 0)
        return 2;
    const char *text = admin_read_file(a, argv[1]);
    if (text == NULL || !check_fields(a, argv[1], text))
        return 1;
    struct ch_db *db = admin_db();
    bool ok = db != NULL && admin_run(a, db, "admin.project", CH_CALL(&admin_project_take, ch_p_text(text)), &changes);

    if (ok) {
        printf("%s: imported, %d changes\n", argv[1], changes.n);
        for (int i = 0; i < changes.n; i++)
            printf("  %s\n", ch_col(&changes, i, "change"));
    }
    ch_db_close(db);
    return ok ? 0 : 1;
}
