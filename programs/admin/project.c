/* SPDX-License-Identifier: Apache-2.0
 * Publishes a project from its JSON document (sql/demo has examples), which two security officers decide
 * (programs/admin/resolution.h). The constraints of the database check the document, except for the names of fields, which are a
 * table that is compiled into this program. */
#include "programs/admin/resolution.h"

#include "core/base/codec.h"
#include "core/crypto/digest.h"

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
static bool check_fields(const char *path, const struct ch_json *document)
{
    const struct ch_json *list = ch_json_get(document, "fields");
    size_t n = 0;
    for (const struct ch_json *f = list != NULL ? list->first : NULL; f != NULL; f = f->next, n++)
        if (!known_field(ch_json_text(f, "field"))) {
            fprintf(stderr, "%s: /fields/%zu/field is no field of the form (certhall-admin form lists them)\n", path, n);
            return false;
        }
    return true;
}

static bool publish(struct ch_arena *a, struct ch_db *db, const struct resolution *r, char *const files[2], const char *path)
{
    struct ch_rows changes;

    if (!resolution_put(a, db, r, files, &changes))
        return false;
    printf("%s: imported, %d changes\n", path, changes.n);
    for (int i = 0; i < changes.n; i++)
        printf("  %s：%s\n", ch_col(&changes, i, "label"), ch_col(&changes, i, "value"));
    return true;
}

/* What is done with the document: "import FILE", "draft FILE", "put TEXT SIGNATURES FILE". */
int admin_project(struct ch_arena *a, int argc, char **argv)
{
    bool drafted = argc == 2 && strcmp(argv[0], "draft") == 0, put = argc == 4 && strcmp(argv[0], "put") == 0;
    unsigned char digest[CH_SHA256_BYTES];
    struct ch_json *document = NULL;
    struct ch_param params[2];

    if (!drafted && !put && (argc != 2 || strcmp(argv[0], "import") != 0))
        return 2;
    const char *path = argv[argc - 1], *text = admin_read_document(a, path, &document);
    if (text == NULL || !check_fields(path, document))
        return 1;
    ch_sha256(CH_BYTES(text, strlen(text)), digest);
    params[0] = ch_p_text(text);
    const struct resolution r = {
        .op = "admin.project",
        .title = "发布项目",
        .facts = CH_CALL(&admin_project_facts, params[0],
                         ch_p_text(ch_printf(a, "SHA-256 %s", ch_hex(a, CH_BYTES(digest, sizeof digest))))),
        .deed = &admin_project_take,
        .params = params,
        .document = text,
    };
    struct ch_db *db = admin_db();
    bool ok = db != NULL && (drafted ? resolution_draft(a, db, &r) : publish(a, db, &r, put ? argv + 1 : NULL, path));
    ch_db_close(db);
    return ok ? 0 : 1;
}
