/* SPDX-License-Identifier: Apache-2.0
 * The main program of certhall-admin: the table of its commands, and the helpers that they share. */
#include "programs/admin/admin.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/db/keys.h"
#include "keys_sql.h"
#include "log_export_sql.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    command *run;
    bool settings; /* needs the settings file */
    const char *words, *help;
} commands[] = {
    {"keys", admin_keys, true, "[list|rotate-kek|rotate-data]",
     "make the first field keys, list all, put new ones in their place"},
    {"project", admin_project, true, "import FILE|draft FILE|put TEXT SIGNATURES FILE",
     "add or change a project from its JSON definition: what two officers sign, and with it; without, before the first roster"},
    {"staff", admin_staff, true, "draft NAME DISPLAY-NAME ROLE[,ROLE] [OUTLET]",
     "what two officers sign to add or change staff, who log in with the keys of the roster"},
    {"staff", admin_staff, true, "put TEXT SIGNATURES NAME DISPLAY-NAME ROLE[,ROLE] [OUTLET]", "change them, with it"},
    {"staff", admin_staff, true, "add NAME DISPLAY-NAME ROLE[,ROLE] [OUTLET]|end NAME|lock NAME",
     "add staff before the first roster; end somebody's sessions; lock somebody out"},
    {"roster", admin_roster, true, "show|draft FILE|emergency FILE REASON|put FILE [SIGNATURES]",
     "whose passkeys decide: the roster, its next version (signed by two officers; in an emergency by three persons), its storing"},
    {"decisions", admin_decisions, true, "verify [--order NUMBER]",
     "check every signature of a person that is kept, or those about an order, and say who decided what and when"},
    {"outlet", admin_outlet, true, "draft CODE NAME PLACE [PHONE SEATS HOURS]",
     "what two officers sign to add an outlet or change its data and hours"},
    {"outlet", admin_outlet, true, "put TEXT SIGNATURES CODE NAME PLACE [PHONE SEATS HOURS]", "change it, with it"},
    {"outlet", admin_outlet, true, "add CODE NAME PLACE [PHONE SEATS HOURS]|list",
     "add one before the first roster; list all"},
    {"partner", admin_partner, true, "key draft SLUG|key put TEXT SIGNATURES SLUG",
     "what two officers sign to give a partner's platform a key; give it, with it"},
    {"partner", admin_partner, true, "webhook draft SLUG URL|webhook put TEXT SIGNATURES SLUG URL",
     "what two officers sign to set the address that hears of its orders; set it, with it"},
    {"partner", admin_partner, true, "key new SLUG|webhook set SLUG URL|key end ID|list",
     "the same before the first roster; end a key; list all keys"},
    {"calendar", admin_calendar, true, "import FILE", "the working days of a year"},
    {"regions", admin_regions, true, "import FILE", "the list of regions, a line code<TAB>name each"},
    {"banks", admin_banks, true, "import FILE.csv", "put another list of opening branches in the place of the former"},
    {"defaults", admin_defaults, true, "show|import FILE", "the hall's own courier rules and message texts"},
    {"retention", admin_retention, true, "[--dry-run]", "erase what has been kept long enough, or tell what is due"},
    {"month", admin_month, true, "list|detach TABLE YYYY-MM",
     "the months of the big tables; take one away, which stays as a table of its own"},
    {"audit", admin_audit, true, "verify [ROWS]",
     "check every chain of the audit trail and the signed log, so many rows at a time"},
    {"audit", admin_audit, true, "export FILE REASON",
     "write the whole signed log to a new file (- for standard output), which certhall-verify-log checks; the reason is on record"},
    {"lifecycle", admin_lifecycle, false, "sql|mermaid", "the life cycle of an order, as rows or as a diagram"},
    {"config", admin_config, false, "", "every setting, its default and meaning"},
    {"errors", admin_errors, false, "", "every error of the API"},
    {"form", admin_form, false, "", "every field of the application form"},
};

static int print_usage(FILE *to)
{
    fputs("usage: certhall-admin COMMAND\n", to);
    for (size_t i = 0; i < CH_COUNT(commands); i++)
        fprintf(to, "  %-10s %-62s %s\n", commands[i].name, commands[i].words, commands[i].help);
    return to == stdout ? 0 : 2;
}

static const struct ch_stmt *const *const lists[] = {admin_statements, keys_statements, log_export_statements, NULL};

struct ch_db *admin_db(void)
{
    return ch_db_open(ch_conf(CONF_DB), "certhall_admin", lists);
}

static bool run_entered(struct ch_arena *a, struct ch_db *db, const char *op, const struct ch_call *calls, size_t n,
                        struct ch_rows *answers)
{
    struct ch_call *all = ch_alloc(a, (n + 1) * sizeof *all);
    struct ch_fault f = {0};

    all[0] = CH_CALL(&admin_enter, ch_p_text(op));
    memcpy(all + 1, calls, n * sizeof *calls);
    if (ch_db_run(db, a, &f, all, n + 1, answers) == CH_OK)
        return true;
    fprintf(stderr, "%s: %s%s%s%s\n", op, f.sentence, f.detail, f.pointer[0] != '\0' ? " " : "", f.pointer);
    return false;
}

bool admin_run(struct ch_arena *a, struct ch_db *db, const char *op, struct ch_call call, struct ch_rows *rows)
{
    struct ch_rows answers[2];

    if (!run_entered(a, db, op, &call, 1, answers))
        return false;
    if (rows != NULL)
        *rows = answers[1];
    return true;
}

bool admin_run_all(struct ch_arena *a, struct ch_db *db, const char *op, const struct ch_call *calls, size_t n)
{
    return run_entered(a, db, op, calls, n, ch_alloc(a, (n + 1) * sizeof(struct ch_rows)));
}

char *admin_read_file(struct ch_arena *a, const char *path)
{
    FILE *f = fopen(path, "re");
    long n = -1;

    errno = f != NULL ? 0 : errno;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && n < 4 * 1024 * 1024) {
        char *text = ch_alloc(a, (size_t)n + 1);
        rewind(f);
        bool whole = fread(text, 1, (size_t)n, f) == (size_t)n;
        fclose(f);
        if (whole)
            return text;
    } else if (f != NULL) {
        fclose(f);
    }
    fprintf(stderr, "%s: %s\n", path, errno != 0 ? strerror(errno) : "too large");
    return NULL;
}

/* False after an error message that says where the text stands. */
static bool check_texts(struct ch_arena *a, const char *path, const char *pointer, const struct ch_json *node)
{
    const char *fault = node->kind == CH_JSON_STRING ? ch_text_fault(a, node->text) : NULL;
    size_t i = 0;

    if (fault != NULL) {
        fprintf(stderr, "%s: %s: %s\n", path, pointer, fault);
        return false;
    }
    for (const struct ch_json *m = node->first; m != NULL; m = m->next, i++)
        if (!check_texts(a, path,
                         m->key != NULL ? ch_printf(a, "%s/%s", pointer, m->key) : ch_printf(a, "%s/%zu", pointer, i), m))
            return false;
    return true;
}

char *admin_read_document(struct ch_arena *a, const char *path, struct ch_json **out)
{
    char *text = admin_read_file(a, path);

    if (text == NULL)
        return NULL;
    if (ch_json_parse(a, CH_BYTES(text, strlen(text)), out, NULL) != CH_JSON_OK || (*out)->kind != CH_JSON_OBJECT) {
        fprintf(stderr, "%s: no JSON document, or one with duplicate members\n", path);
        return NULL;
    }
    return check_texts(a, path, "", *out) ? text : NULL;
}

int main(int argc, char **argv)
{
    if (ch_version_asked(argc, argv))
        return 0;
    if (argc > 1 && strcmp(argv[1], "--statements") == 0)
        return ch_db_print(lists);
    ch_log_program("admin");
    for (size_t i = 0; argc > 1 && i < CH_COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        if (commands[i].settings && !ch_config_load())
            return 1;
        struct ch_arena *a = ch_arena_new();
        int status = commands[i].run(a, argc - 2, argv + 2);
        ch_arena_free(a);
        return status == 2 ? print_usage(stderr) : status;
    }
    return print_usage(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
}
