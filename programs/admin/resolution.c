/* SPDX-License-Identifier: Apache-2.0
 * Drafts resolutions, and puts them with the signatures of two security officers. */
#include "programs/admin/resolution.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"
#include "core/base/text.h"
#include "core/passkey/statement.h"

#include <stdio.h>
#include <string.h>

#define AGE_MOST ((int64_t)31 * 24 * 3600) /* seconds from the draft until the text is put */
#define CLOCKS_APART 300

static bool say(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return false;
}

/* The text about the present state, as of that time; NULL after an error message. */
static const char *write_text(struct ch_arena *a, struct ch_db *db, const struct resolution *r,
                              const struct ch_roster *roster, const char *time)
{
    struct ch_rows rows;

    if (!admin_run(a, db, r->op, r->facts, &rows))
        return NULL;
    struct ch_act_fact *facts = ch_alloc_array(a, (size_t)rows.n, sizeof *facts);
    for (int i = 0; i < rows.n; i++)
        facts[i] = (struct ch_act_fact){ch_col_text(&rows, i, "label"), ch_col_text(&rows, i, "value")};
    const struct ch_resolution resolution = {
        .title = r->title, .time = time, .roster = roster, .facts = facts, .n = (size_t)rows.n};
    return ch_resolution_text(a, &resolution);
}

bool resolution_draft(struct ch_arena *a, struct ch_db *db, const struct resolution *r)
{
    struct ch_roster roster;

    if (!admin_newest_roster(a, db, &roster))
        return false;
    if (roster.version == 0)
        return say("there is no roster yet, and nobody to sign");
    const char *text = write_text(a, db, r, &roster, ch_rfc3339(a, ch_now_ms() / 1000));
    if (text != NULL)
        fputs(text, stdout);
    return text != NULL;
}

/* The time that the text says, in seconds; -1 when it says none. */
static int64_t time_of(struct ch_arena *a, const char *text)
{
    static const char label[] = "\n时间：";
    const char *line = strstr(text, label);

    if (line == NULL)
        return -1;
    line += strlen(label);
    return ch_parse_rfc3339(ch_strndup(a, line, strcspn(line, "\n")));
}

static bool check_text(struct ch_arena *a, struct ch_db *db, const struct resolution *r, const struct ch_roster *roster,
                       const char *text)
{
    int64_t time = time_of(a, text), age = ch_now_ms() / 1000 - time;

    if (time < 0)
        return say("the text says no time: it is none that was drafted");
    if (age > AGE_MOST || age < -CLOCKS_APART)
        return say("the text was drafted more than 31 days ago, or in the future: draft it anew");
    const char *now = write_text(a, db, r, roster, ch_rfc3339(a, time));
    if (now == NULL)
        return false;
    return strcmp(now, text) == 0 ||
           say("the text is not about this change of the present state: draft it anew, and compare the two");
}

/* The resolution as a row of hall.resolution. */
static const char *row_of(struct ch_arena *a, const struct resolution *r, const struct ch_roster *roster,
                          const char *text, const char *signatures)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "id", ch_uuid7(a));
    ch_jw_int(&w, "roster", roster->version);
    ch_jw_text(&w, "statement", text);
    ch_jw_text(&w, "signatures", signatures);
    ch_jw_text(&w, "document", r->document);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* Does the deed; the facts are read in its transaction, and stay as they are until it ends. */
static bool put_signed(struct ch_arena *a, struct ch_db *db, const struct resolution *r, const char *text,
                       const char *signatures, struct ch_rows *rows)
{
    const struct ch_webauthn_site site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN));
    struct ch_roster_signers by;
    struct ch_roster roster;
    struct ch_fault f = {0};

    if (!admin_newest_roster(a, db, &roster))
        return false;
    if (ch_roster_officers(a, &f, &roster, &site, CH_BYTES(text, strlen(text)), signatures, &by) != CH_OK)
        return say(f.detail);
    if (!check_text(a, db, r, &roster, text))
        return false;
    r->params[r->deed->n - 1] = ch_p_text(row_of(a, r, &roster, text, signatures));
    if (!admin_run(a, db, r->op, ch_call_of(r->deed, r->params, r->deed->n), rows))
        return false;
    printf("decided by %s and %s\n", by.by[0]->name, by.by[1]->name);
    return true;
}

bool resolution_put(struct ch_arena *a, struct ch_db *db, const struct resolution *r, char *const files[2],
                    struct ch_rows *rows)
{
    struct ch_fault f = {0};

    if (files == NULL) {
        r->params[r->deed->n - 1] = ch_p_null();
        return admin_run(a, db, r->op, ch_call_of(r->deed, r->params, r->deed->n), rows);
    }
    const char *text = admin_read_file(a, files[0]), *signatures = admin_read_file(a, files[1]);
    if (text == NULL || signatures == NULL)
        return false;
    if (ch_db_begin(db, &f) != CH_OK)
        return say(f.detail);
    bool ok = put_signed(a, db, r, text, signatures, rows) && (ch_db_commit(db, &f) == CH_OK || say(f.detail));
    ch_db_rollback(db);
    return ok;
}
