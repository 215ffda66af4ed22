/* SPDX-License-Identifier: Apache-2.0
 * The verifier of what people have signed: rosters, decisions about orders, acts, and resolutions. The signatures are checked with
 * the public keys of the rosters alone: each with those of the roster that was in force when it was kept. That what is kept says
 * of itself is held against what was signed, and what must have been signed is missed where it is not kept. */
#include "programs/admin/admin.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/crypto/digest.h"
#include "core/crypto/ring.h"
#include "core/db/keys.h"
#include "core/desk/kept.h"
#include "core/passkey/statement.h"

#include <stdio.h>
#include <string.h>

#define OP "admin.decisions"
#define PAGE 500

struct dated_roster {
    struct ch_roster roster;
    int64_t at; /* when it was kept, in microseconds */
};

struct verifier {
    struct ch_db *db;
    struct ch_arena *a;    /* for the rosters; lasts */
    struct ch_arena *page; /* for what is being checked */
    struct ch_webauthn_site site;
    const struct ch_ring *ring; /* opens acts */
    const char *order;          /* the number of the order that alone is looked at; NULL: all */
    struct dated_roster *rosters;
    size_t n; /* of which each follows the one before */
    unsigned long checked, erased, wrong;
    bool broken; /* something could not be read */
};

/* One line: what was signed, by whom, when; and what is wrong with it (NULL: nothing). */
static void tell(struct verifier *v, const char *what, const char *by, const char *time, const char *wrong)
{
    printf("%s  %s  %s  %s%s\n", what, by, time, wrong != NULL ? "WRONG: " : "right", wrong != NULL ? wrong : "");
    v->checked++;
    v->wrong += wrong != NULL;
}

static const struct ch_roster *roster_at(const struct verifier *v, int64_t at)
{
    const struct ch_roster *found = NULL;

    for (size_t i = 0; i < v->n && v->rosters[i].at <= at; i++)
        found = &v->rosters[i].roster;
    return found;
}

static const struct ch_roster *roster_of(const struct verifier *v, int64_t version)
{
    return version >= 1 && (uint64_t)version <= v->n ? &v->rosters[version - 1].roster : NULL;
}

static bool read_rows(struct verifier *v, struct ch_call call, struct ch_rows *rows)
{
    v->broken = v->broken || !admin_run(v->page, v->db, OP, call, rows);
    return !v->broken && rows->n > 0;
}

typedef void check_row(struct verifier *v, const struct ch_rows *rows, int i);

/* Checks everything of a kind, page by page in the order of its ids. */
static void check_all(struct verifier *v, const struct ch_stmt *kept, check_row *check)
{
    char after[40] = "";
    struct ch_rows rows;

    for (;;) {
        const struct ch_param last = ch_p_text(after[0] != '\0' ? after : NULL);
        if (!read_rows(v, CH_CALL(kept, ch_p_text(v->order), last, ch_p_int(v->page, PAGE)), &rows))
            break;
        for (int i = 0; i < rows.n; i++)
            check(v, &rows, i);
        snprintf(after, sizeof after, "%s", ch_col_text(&rows, rows.n - 1, "id"));
        ch_arena_reset(v->page);
    }
    ch_arena_reset(v->page);
}

/* "officer1, officer2" */
static const char *names_of(struct ch_arena *a, const struct ch_roster_signers *by)
{
    const char *names = "";

    for (size_t i = 0; i < by->n; i++)
        names = ch_printf(a, "%s%s%s", names, i > 0 ? ", " : "", by->by[i]->name);
    return names;
}

/* ---- rosters ---- */

/* The next roster, held against the one before; what is wrong with it. */
static const char *check_roster(struct verifier *v, const struct ch_rows *rows, int i, struct ch_roster *next,
                                struct ch_roster_signers *by)
{
    const char *text = ch_strdup(v->a, ch_col_text(rows, i, "text"));
    struct ch_fault f = {0};

    if (ch_roster_read(v->a, &f, CH_BYTES(text, strlen(text)), next) != CH_OK)
        return ch_strdup(v->page, f.detail);
    if (next->version != ch_col_int(rows, i, "version"))
        return "kept as another version";
    if (i == 0)
        return next->version == 1 ? NULL : "the first version is missing";
    if (ch_roster_follows(v->a, &f, &v->rosters[i - 1].roster, next, &v->site, ch_col(rows, i, "signatures"), by) != CH_OK)
        return ch_strdup(v->page, f.detail);
    return NULL;
}

/* Rosters behind one that is wrong are believed no more than that one. */
static void check_rosters(struct verifier *v)
{
    struct ch_rows rows;

    if (!read_rows(v, CH_CALL0(&admin_roster_list), &rows))
        return;
    v->rosters = ch_alloc_array(v->a, (size_t)rows.n, sizeof *v->rosters);
    for (int i = 0; i < rows.n && (size_t)i == v->n; i++) {
        struct dated_roster *next = &v->rosters[i];
        struct ch_roster_signers by = {0};
        const char *wrong = check_roster(v, &rows, i, &next->roster, &by);
        next->at = ch_col_int(&rows, i, "at");
        const char *how = next->roster.emergency != NULL ? "  EMERGENCY" : "";
        tell(v, ch_printf(v->page, "roster %s %s%s", ch_col(&rows, i, "version"), next->roster.digest, how),
             i == 0 ? "(key ceremony)" : names_of(v->page, &by), ch_rfc3339(v->page, next->at / 1000000), wrong);
        v->n += wrong == NULL;
    }
    ch_arena_reset(v->page);
}

/* ---- decisions and acts ---- */

static bool begins_with(const char *text, const char *head)
{
    return strncmp(text, head, strlen(head)) == 0;
}

/* Who has signed the statement of the row: a person of the roster that was in force then, with one of the roles (NULL: any), and
 * the one that the row names. NULL, with the reason in *wrong. */
static const struct ch_roster_key *signer_of(struct verifier *v, const struct ch_rows *rows, int i,
                                             const char *const *roles, const char *statement, const char **wrong)
{
    const struct ch_roster *roster = roster_at(v, ch_col_int(rows, i, "at"));
    struct ch_signed given = ch_kept_signed(rows, v->page, i);
    struct ch_fault f = {0};

    *wrong = "no roster was in force then";
    if (roster == NULL)
        return NULL;
    const struct ch_roster_key *key = ch_roster_signer(v->page, &f, roster, &v->site, roles, statement, &given);
    *wrong = key == NULL ? ch_strdup(v->page, f.detail) : "signed by another person than it is kept for";
    return key != NULL && strcmp(key->person, ch_col_text(rows, i, "staff")) == 0 ? key : NULL;
}

/* Erased with its order, so that nothing can be checked any more; or else a statement is missing. */
static bool is_erased(struct verifier *v, const struct ch_rows *rows, int i, const char *what)
{
    const char *time = ch_rfc3339(v->page, ch_col_int(rows, i, "decided_at"));

    if (ch_col(rows, i, "statement") != NULL)
        return false;
    if (ch_col_bool(rows, i, "erased")) {
        printf("%s  %s  %s  erased with its order\n", what, ch_col_text(rows, i, "name"), time);
        v->erased++;
    } else {
        tell(v, what, ch_col_text(rows, i, "name"), time, "the statement is missing");
    }
    return true;
}

static void check_decision(struct verifier *v, const struct ch_rows *rows, int i)
{
    enum ch_decision d = strcmp(ch_col_text(rows, i, "what"), "approve") == 0 ? CH_DECISION_APPROVE : CH_DECISION_PRODUCE;
    const char *number = ch_col_text(rows, i, "number"), *statement = ch_col(rows, i, "statement"), *wrong;
    const char *what = ch_printf(v->page, "decision %s %s of order %s", ch_col(rows, i, "id"), ch_decision_word(d), number);
    const char *time = ch_rfc3339(v->page, ch_col_int(rows, i, "decided_at"));

    if (is_erased(v, rows, i, what))
        return;
    const struct ch_roster_key *key = signer_of(v, rows, i, ch_decision_roles(d), statement, &wrong);
    if (key != NULL) {
        const struct ch_statement head = {.decision = d,
                                          .order = ch_col_text(rows, i, "order_id"),
                                          .number = number,
                                          .person = key->person,
                                          .name = key->name,
                                          .time = time};
        bool own = begins_with(statement, ch_statement_head(v->page, &head));
        wrong = !own                            ? "what was signed is another decision"
                : ch_col_bool(rows, i, "twice") ? "one person has approved and produced"
                                                : NULL;
    }
    tell(v, what, key != NULL ? key->name : ch_col_text(rows, i, "name"), time, wrong);
}

/* The title of an act or a resolution, from the text itself: which acts there are is the modules' matter. */
static const char *title_of(struct ch_arena *a, const char *statement)
{
    static const char begin[] = "certhall 1：";

    return begins_with(statement, begin)
               ? ch_strndup(a, statement + strlen(begin), strcspn(statement + strlen(begin), "\n"))
               : "?";
}

static void check_act(struct verifier *v, const struct ch_rows *rows, int i)
{
    const char *id = ch_col_text(rows, i, "id"), *number = ch_col_text(rows, i, "number"), *wrong;
    const char *what = ch_printf(v->page, "act %s %s of order %s", id, ch_col_text(rows, i, "what"), number);
    const char *time = ch_rfc3339(v->page, ch_col_int(rows, i, "decided_at"));
    const struct ch_roster_key *key = NULL;
    struct ch_bytes plain;

    if (is_erased(v, rows, i, what))
        return;
    if (!ch_decrypt(v->ring, v->page, "act.statement", id, ch_col_bytes(rows, v->page, i, "statement"), &plain)) {
        tell(v, what, ch_col_text(rows, i, "name"), time, "the statement cannot be decrypted: it is not this act's");
        return;
    }
    const char *statement = ch_strndup(v->page, plain.p, plain.n);
    key = signer_of(v, rows, i, NULL, statement, &wrong);
    if (key != NULL) {
        const struct ch_act_statement head = {
            .title = title_of(v->page, statement), .person = key->person, .name = key->name, .time = time};
        bool own = begins_with(statement, ch_act_text(v->page, &head)) && strstr(statement, number) != NULL;
        wrong = own ? NULL : "what was signed is another act";
        what = ch_printf(v->page, "%s: %s", what, head.title);
    }
    tell(v, what, key != NULL ? key->name : ch_col_text(rows, i, "name"), time, wrong);
}

/* ---- resolutions ---- */

/* What stands in the row beside the text: the subject that the text names, and the file whose digest it has. */
static bool is_of_row(struct ch_arena *a, const struct ch_rows *rows, int i, const char *statement)
{
    const char *document = ch_col(rows, i, "document");
    unsigned char digest[CH_SHA256_BYTES];

    if (strstr(statement, ch_printf(a, "\n%s\n", ch_col_text(rows, i, "named"))) == NULL &&
        strstr(statement, ch_printf(a, "\n%s ", ch_col_text(rows, i, "named"))) == NULL)
        return false;
    if (document == NULL)
        return true;
    ch_sha256(CH_BYTES(document, strlen(document)), digest);
    return strstr(statement, ch_printf(a, " %s\n", ch_hex(a, CH_BYTES(digest, sizeof digest)))) != NULL;
}

static void check_resolution(struct verifier *v, const struct ch_rows *rows, int i)
{
    const struct ch_roster *roster = roster_of(v, ch_col_int(rows, i, "roster"));
    const char *statement = ch_col_text(rows, i, "statement"), *wrong = NULL;
    const char *title = title_of(v->page, statement);
    struct ch_roster_signers by = {0};
    struct ch_fault f = {0};

    if (roster == NULL)
        wrong = "its roster is not to be believed";
    else if (ch_roster_officers(v->page, &f, roster, &v->site, CH_BYTES(statement, strlen(statement)),
                                ch_col(rows, i, "signatures"), &by) != CH_OK)
        wrong = f.detail;
    else if (!is_of_row(v->page, rows, i, statement))
        wrong = "what was signed is another resolution";
    tell(v, ch_printf(v->page, "resolution %s: %s %s", ch_col(rows, i, "id"), title, ch_col_text(rows, i, "named")),
         names_of(v->page, &by), ch_rfc3339(v->page, ch_col_int(rows, i, "at") / 1000000), wrong);
}

static void tell_missing(struct verifier *v)
{
    struct ch_rows rows;

    if (!read_rows(v, CH_CALL(&admin_signed_missing, ch_p_text(v->order)), &rows))
        return;
    for (int i = 0; i < rows.n; i++)
        tell(v, ch_col_text(&rows, i, "what"), "?", "?", ch_col_text(&rows, i, "wrong"));
}

static bool verify(struct verifier *v)
{
    check_rosters(v);
    check_all(v, &admin_decisions_kept, check_decision);
    check_all(v, &admin_acts_kept, check_act);
    check_all(v, &admin_resolutions_kept, check_resolution);
    tell_missing(v);
    v->wrong += v->broken;
    printf("%lu checked, %lu erased, %lu wrong\n", v->checked, v->erased, v->wrong);
    return v->wrong == 0;
}

/* "verify [--order NUMBER]" */
int admin_decisions(struct ch_arena *a, int argc, char **argv)
{
    struct verifier v = {.a = a, .site = ch_webauthn_site(a, ch_conf(CONF_DESK_ORIGIN))};

    if ((argc != 1 && argc != 3) || strcmp(argv[0], "verify") != 0 || (argc == 3 && strcmp(argv[1], "--order") != 0))
        return 2;
    v.order = argc == 3 ? argv[2] : NULL;
    v.db = admin_db();
    struct ch_ring *ring = v.db != NULL ? ch_db_keys_load(v.db, CH_KEYS_ACT) : NULL;
    if (ring == NULL) {
        ch_db_close(v.db);
        return 1;
    }
    v.ring = ring;
    v.page = ch_arena_new();
    bool right = verify(&v);
    ch_arena_free(v.page);
    ch_ring_free(ring);
    ch_db_close(v.db);
    return right ? 0 : 1;
}
