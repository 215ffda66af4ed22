/* SPDX-License-Identifier: Apache-2.0
 * The nightly check of all certificates in force against their profiles (core/pki/lint.h). Each batch is a job; the batch that
 * finds no more certificates ends the run. */
#include "programs/runner/runner.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/pki/certificate.h"
#include "core/pki/lint.h"
#include "core/signer/ca.h"

#include <string.h>

#define BATCH 200

/* The profile to check against. A root or issuing CA may have been made elsewhere and imported, so it has none here: only the
 * rules for every certificate apply to it. */
static const struct ch_profile *profile_of_kind(const struct ch_profiles *profiles, const char *kind)
{
    const struct ch_profile *p = kind != NULL ? ch_profile_find(profiles, kind) : NULL;

    return p != NULL && !p->ca ? p : NULL;
}

static void lint_certificate(struct work *w, const struct ch_rows *rows, int i, const struct ch_profiles *profiles,
                             struct ch_jw *out)
{
    struct ch_bytes issuer = ch_col_bytes(rows, w->a, i, "issuer");
    const struct ch_lint_case c = {
        .der = ch_col_bytes(rows, w->a, i, "certificate"),
        .issuer = issuer.p != NULL ? ch_cert_read(issuer) : NULL,
        .profile = profile_of_kind(profiles, ch_col(rows, i, "profile")),
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

/* The certificates' ids as an array: "{id,id}". */
static const char *id_array(struct work *w, const struct ch_rows *rows)
{
    struct ch_buf b;

    ch_buf_init(&b, w->a);
    for (int i = 0; i < (int)rows->n; i++)
        ch_buf_printf(&b, "%s%s", i > 0 ? "," : "", ch_col(rows, i, "id"));
    return ch_printf(w->a, "{%s}", b.n > 0 ? b.p : "");
}

static enum end lint_batch(struct work *w, const struct ch_rows *rows, const struct ch_profiles *profiles)
{
    struct ch_jw found;

    ch_jw_init(&found, w->a);
    ch_jw_array(&found, NULL);
    for (int i = 0; i < (int)rows->n; i++)
        lint_certificate(w, rows, i, profiles, &found);
    ch_jw_end_array(&found);
    const struct ch_call outcome =
        CH_CALL(&runner_lint_found, ch_p_text(w->subject), ch_p_text(id_array(w, rows)), ch_p_text(ch_jw_done(&found)));
    return finish_job(w, &outcome, 1);
}

enum end job_lint(struct work *w)
{
    struct ch_profiles *profiles; /* read for each batch, because the file may have changed */
    struct ch_rows rows;

    if (ch_db_one(w->db, w->a, &w->fault, CH_CALL(&runner_lint_work, ch_p_text(w->subject), ch_p_int(w->a, BATCH)),
                  &rows) != CH_OK)
        return retry_job(w, "lint: no certificates could be read");
    if (ch_profiles_load(ch_conf(CONF_PROFILES), &profiles, &w->fault) != CH_OK)
        return retry_job(w, w->fault.detail);
    enum end end = lint_batch(w, &rows, profiles);
    ch_profiles_free(profiles);
    return end;
}

/* Renews the certificate of the CA's OCSP signer. */
enum end job_renew(struct work *w)
{
    return finish_by_signer(w, ch_ca_call(w->a, &w->fault, CH_CA_RENEW, ca_of_job(w)));
}

void enqueue_lint(struct ch_arena *a, struct ch_db *db)
{
    if (ch_db_one(db, a, NULL, CH_CALL0(&runner_authority_due), NULL) != CH_OK)
        ch_log(CH_ERROR, NULL, "the nightly lint could not be asked for");
}
