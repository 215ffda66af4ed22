/* SPDX-License-Identifier: Apache-2.0
 * The roster of the keys that decide (core/passkey/roster.h): drafts the next version from a list of keys, and stores it with the
 * signatures of two security officers, or as an emergency roster with those of three persons. */
#include "programs/admin/admin.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/passkey/roster.h"

#include <stdio.h>
#include <string.h>

#define OP "admin.roster"

bool admin_newest_roster(struct ch_arena *a, struct ch_db *db, struct ch_roster *out)
{
    struct ch_fault f = {0};
    struct ch_rows rows;

    *out = (struct ch_roster){0};
    if (!admin_run(a, db, OP, CH_CALL0(&admin_roster_now), &rows))
        return false;
    const char *text = ch_col(&rows, 0, "text");
    if (text == NULL)
        return true;
    if (ch_roster_read(a, &f, CH_BYTES(text, strlen(text)), out) == CH_OK)
        return true;
    fprintf(stderr, "%s\n", f.detail);
    return false;
}

/* The row of a member of staff; -1: there is none of that name. */
static int find_staff(const struct ch_rows *staff, const char *name)
{
    for (int i = 0; i < staff->n; i++)
        if (strcmp(ch_col(staff, i, "name"), name) == 0)
            return i;
    return -1;
}

/* A security officer needs not be staff of the hall, and keeps the id of the roster before. */
static const char *id_of_officer(struct ch_arena *a, const struct ch_roster *before, const char *name)
{
    for (size_t i = 0; i < before->n; i++)
        if (strcmp(before->keys[i].name, name) == 0)
            return before->keys[i].person;
    return ch_uuid7(a);
}

/* A line "NAME CREDENTIAL POINT [officer]". */
static bool write_key(struct ch_jw *w, struct ch_arena *a, const struct ch_rows *staff, const struct ch_roster *before,
                      const char *line)
{
    char name[33], credential[1400], point[96], role[16] = "";
    int n = sscanf(line, "%32s %1399s %95s %15s", name, credential, point, role);
    int row = n >= 3 ? find_staff(staff, name) : -1;
    bool officer = n == 4 && strcmp(role, "officer") == 0;

    if (n < 3 || (n == 4 && !officer) || (row < 0 && !officer)) {
        fprintf(stderr, "%s: not \"NAME CREDENTIAL POINT [officer]\" with a name of staff\n", line);
        return false;
    }
    ch_jw_object(w, NULL);
    ch_jw_text(w, "person", row >= 0 ? ch_col(staff, row, "id") : id_of_officer(a, before, name));
    ch_jw_text(w, "name", name);
    ch_jw_array(w, "roles");
    char *roles = ch_strdup(a, row >= 0 ? ch_col(staff, row, "roles") : "{}"), *rest = roles;
    for (const char *one; (one = strtok_r(rest, "{,}", &rest)) != NULL;)
        ch_jw_text(w, NULL, one);
    if (officer)
        ch_jw_text(w, NULL, "officer");
    ch_jw_end_array(w);
    ch_jw_text(w, "credential", credential);
    ch_jw_text(w, "point", point);
    ch_jw_end_object(w);
    return true;
}

/* `emergency`: why it is an emergency roster; NULL: it is none. */
static bool draft(struct ch_arena *a, struct ch_db *db, const char *file, const char *emergency)
{
    char *lines = admin_read_file(a, file), *line;
    struct ch_roster before, check;
    struct ch_fault f = {0};
    struct ch_rows staff;
    struct ch_jw w;

    if (lines == NULL || !admin_newest_roster(a, db, &before) ||
        !admin_run(a, db, OP, CH_CALL0(&admin_roster_staff), &staff))
        return false;
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "certhall", "roster");
    ch_jw_int(&w, "version", before.version + 1);
    ch_jw_text(&w, "previous", before.digest);
    if (emergency != NULL)
        ch_jw_text(&w, "emergency", emergency);
    ch_jw_array(&w, "keys");
    while ((line = strtok_r(lines, "\n", &lines)) != NULL)
        if (!write_key(&w, a, &staff, &before, line))
            return false;
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    const char *text = ch_jw_done(&w);
    if (ch_roster_read(a, &f, CH_BYTES(text, strlen(text)), &check) != CH_OK) {
        fprintf(stderr, "%s\n", f.detail);
        return false;
    }
    fputs(text, stdout);
    return fflush(stdout) == 0;
}

/* Checks the step as the signer will, so that a mistake is found here. */
static bool check_step(struct ch_arena *a, const struct ch_roster *before, const struct ch_roster *next,
                       const char *signatures, struct ch_roster_signers *by)
{
    const struct ch_webauthn_site site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_fault f = {0};

    *by = (struct ch_roster_signers){0};
    if (before->version == 0 && next->version == 1 && signatures == NULL)
        return true; /* the signer takes this one at the key ceremony only */
    if (signatures == NULL) {
        fputs("the roster needs a file with the signatures of two security officers\n", stderr);
        return false;
    }
    if (ch_roster_follows(a, &f, before, next, &site, signatures, by) == CH_OK)
        return true;
    fprintf(stderr, "%s\n", f.detail);
    return false;
}

/* The persons as an array of uuids. */
static const char *persons_of(struct ch_arena *a, const struct ch_roster_signers *by)
{
    const char *list = "";

    for (size_t i = 0; i < by->n; i++)
        list = ch_printf(a, "%s%s%s", list, i > 0 ? "," : "", by->by[i]->person);
    return ch_printf(a, "{%s}", list);
}

static void say_emergency(const struct ch_roster *r)
{
    printf("EMERGENCY: three persons have put version %lld, and no two officers: %s\n", (long long)r->version, r->emergency);
}

static bool put(struct ch_arena *a, struct ch_db *db, const char *file, const char *signed_by)
{
    const char *text = admin_read_file(a, file), *signatures = signed_by != NULL ? admin_read_file(a, signed_by) : NULL;
    struct ch_roster_signers by;
    struct ch_roster before, next;
    struct ch_fault f = {0};

    if (text == NULL || (signed_by != NULL && signatures == NULL) || !admin_newest_roster(a, db, &before))
        return false;
    if (ch_roster_read(a, &f, CH_BYTES(text, strlen(text)), &next) != CH_OK) {
        fprintf(stderr, "%s\n", f.detail);
        return false;
    }
    if (!check_step(a, &before, &next, signatures, &by) ||
        !admin_run(a, db, OP,
                   CH_CALL(&admin_roster_put, ch_p_int(a, next.version), ch_p_text(text), ch_p_text(signatures),
                           ch_p_text(persons_of(a, &by)), ch_p_text(next.emergency)),
                   NULL))
        return false;
    if (next.emergency != NULL) {
        ch_log(CH_WARN, NULL, "roster %lld is an emergency roster: three persons have put it, and no two officers",
               (long long)next.version);
        say_emergency(&next);
    }
    return true;
}

static bool show(struct ch_arena *a, struct ch_db *db, const char *unused, const char *none)
{
    struct ch_roster r;

    (void)unused;
    (void)none;
    if (!admin_newest_roster(a, db, &r))
        return false;
    printf("version %lld\n", (long long)r.version);
    if (r.emergency != NULL)
        say_emergency(&r);
    for (size_t i = 0; i < r.n; i++)
        printf("%s\t%s\t%s\t%s\n", r.keys[i].name, r.keys[i].person, r.keys[i].roles, ch_base64url(a, r.keys[i].credential));
    return true;
}

static const struct {
    const char *word;
    int least, most; /* arguments: files, and the reason of an emergency */
    bool (*run)(struct ch_arena *a, struct ch_db *db, const char *file, const char *second);
} actions[] = {{"show", 0, 0, show}, {"draft", 1, 1, draft}, {"emergency", 2, 2, draft}, {"put", 1, 2, put}};

int admin_roster(struct ch_arena *a, int argc, char **argv)
{
    for (size_t i = 0; argc > 0 && i < CH_COUNT(actions); i++) {
        if (strcmp(argv[0], actions[i].word) != 0 || argc - 1 < actions[i].least || argc - 1 > actions[i].most)
            continue;
        struct ch_db *db = admin_db();
        bool ok = db != NULL && actions[i].run(a, db, argc > 1 ? argv[1] : NULL, argc > 2 ? argv[2] : NULL);
        ch_db_close(db);
        return ok ? 0 : 1;
    }
    return 2;
}
