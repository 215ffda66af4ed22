/* SPDX-License-Identifier: Apache-2.0
 * Every night our certificates in force are held against their profiles (core/pki/lint.h). A batch is a job; the batch
 * that finds no more certificates ends the run. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/pki/certificate.h"
#include "core/pki/lint.h"
#include "core/signer/ca.h"

#include <string.h>

#define BATCH 200

/* A root or issuing CA may have been made elsewhere and imported: of such only what every certificate must keep is
 * asked. */
static const struct ch_profile *row_of(const struct ch_profiles *profiles, const char *kind)
{
    const struct ch_profile *p = kind != NULL ? ch_profile_find(profiles, kind) : NULL;

    return p != NULL && !p->ca ? p : NULL;
}

static void look(struct work *w, const struct ch_rows *rows, int i, const struct ch_profiles *profiles,
                 struct ch_jw *out)
{
    struct ch_bytes issuer = ch_col_bytes(rows, w->a, i, "issuer");
    const struct ch_lint_case c = {
        .der = ch_col_bytes(rows, w->a, i, "certificate"),
        .issuer = issuer.p != NULL ? ch_cert_read(issuer) : NULL,
        .profile = row_of(profiles, ch_col(rows, i, "profile")),
        .algorithm = ch_col(rows, i, "ca"),
        .origin = ch_conf(CONF_ORIGIN),
        .site = ch_conf(CONF_BRAND_SITE),
    };
    const struct ch_lint_rule **broken;
    size_t n = ch_lint(w->a, &c, &broken);

    for (size_t k = 0; k < n; k++) {
        ch_jw_object(out, NULL);
        ch_jw_text(out, "id", ch_col(rows, i, "id"));
        ch_jw_text(out, "rule", broken[k]->name);
        ch_jw_text(out, "sentence", broken[k]->sentence);
        ch_jw_end_object(out);
    }
    if (n > 0)
        ch_log(CH_WARN, ch_col(rows, i, "id"), "lint: %zu findings, the first: %s", n, broken[0]->name);
    X509_free(c.issuer);
}

/* "{id,id}" */
static const char *ids_of(struct work *w, const struct ch_rows *rows)
{
    struct ch_buf b;

    ch_buf_init(&b, w->a);
    for (int i = 0; i < (int)rows->n; i++)
        ch_buf_printf(&b, "%s%s", i > 0 ? "," : "", ch_col(rows, i, "id"));
    return ch_printf(w->a, "{%s}", b.n > 0 ? b.p : "");
}

static enum end look_at_all(struct work *w, const struct ch_rows *rows, const struct ch_profiles *profiles)
{
    struct ch_jw found;

    ch_jw_init(&found, w->a);
    ch_jw_array(&found, NULL);
    for (int i = 0; i < (int)rows->n; i++)
        look(w, rows, i, profiles, &found);
    ch_jw_end_array(&found);
    const struct ch_call outcome = CH_CALL(&runner_lint_found, ch_p_text(w->subject), ch_p_text(ids_of(w, rows)),
                                           ch_p_text(ch_jw_done(&found)));
    return finish(w, &outcome, 1);
}

enum end job_lint(struct work *w)
{
    struct ch_profiles *profiles; /* read for each batch: the file may have been changed since */
    struct ch_rows rows;

    if (ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_lint_work, ch_p_text(w->subject), ch_p_int(w->a, BATCH)),
                  &rows) != CH_OK)
        return again(w, "lint: no certificates could be read");
    if (ch_profiles_load(ch_conf(CONF_PROFILES), &profiles, &w->fault) != CH_OK)
        return again(w, w->fault.detail);
    enum end end = look_at_all(w, &rows, profiles);
    ch_profiles_free(profiles);
    return end;
}

/* The OCSP signer's certificate of the CA. */
enum end job_renew(struct work *w)
{
    return signer_asked(w, ch_ca_call(w->a, &w->fault, CH_CA_RENEW, ca_of(w)));
}

void want_lint(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_authority_due), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "the nightly lint could not be asked for");
}
