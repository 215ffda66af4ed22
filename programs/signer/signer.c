/* SPDX-License-Identifier: Apache-2.0
 * Opening and closing what the signer works with, and publishing the authority's certificates. */
#include "programs/signer/signer.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/db/keys.h"
#include "core/pki/certificate.h"
#include "programs/signer/request.h"
#include "keys_sql.h"

#include <openssl/crypto.h>
#include <string.h>

bool signer_load_ring(struct signer *s)
{
    struct ch_ring *ring = ch_db_keys_load(s->db, SIGNER_KEYS);

    if (ring == NULL)
        return false;
    ch_ring_free(s->ring);
    s->ring = ring;
    return true;
}

void signer_follow_keys(struct signer *s)
{
    ch_db_keys_follow(s->ring, s->db, SIGNER_KEYS);
}

const struct ch_stmt *const *const signer_lists[] = {signer_statements, keys_statements, NULL};

/* RFC 5612 reserves this arc for documentation. */
#define EXAMPLE_ARC "1.3.6.1.4.1.32473"

struct ch_profiles *signer_profiles(void)
{
    struct ch_profiles *profiles;
    struct ch_fault f = {0};

    if (ch_profiles_load(ch_conf(CONF_PROFILES), &profiles, &f) != CH_OK) {
        ch_log(CH_ERROR, NULL, "%s", f.detail);
        return NULL;
    }
    if (ch_conf_bool(CONF_PRODUCTION) && strcmp(ch_profiles_arc(profiles), EXAMPLE_ARC) == 0)
        ch_log(CH_WARN, NULL, "profiles: /arc is the number kept for documentation; put in the authority's own");
    return profiles;
}

struct authority signer_authority(const struct ch_profiles *profiles)
{
    return (struct authority){.name = ch_conf(CONF_BRAND_NAME),
                              .brief = ch_conf(CONF_BRAND_SHORT),
                              .origin = ch_conf(CONF_ORIGIN),
                              .site = ch_conf(CONF_BRAND_SITE),
                              .profiles = profiles};
}

static bool open_ca(struct signer *s, const char *algorithm)
{
    struct ch_fault f = {0};

    if (hierarchy_load(ch_conf(CONF_SIGNER_KEYS), algorithm, &s->ca[s->n_ca], &f) != CH_OK) {
        ch_log(CH_ERROR, NULL, "%s", f.detail);
        return false;
    }
    s->n_ca++;
    return true;
}

static bool open_keys(struct signer *s)
{
    static const char *const algorithms[SIGNER_CAS] = {"sm2", "rsa", "p256"};
    const char *dir = ch_conf(CONF_SIGNER_KEYS), *first = ch_conf(CONF_CA_ALGORITHM);
    bool ok = open_ca(s, first);

    for (size_t i = 0; ok && i < SIGNER_CAS; i++)
        if (strcmp(algorithms[i], first) != 0 && hierarchy_there(dir, algorithms[i]))
            ok = open_ca(s, algorithms[i]);
    return ok;
}

const struct hierarchy *signer_ca(const struct signer *s, const char *name)
{
    for (size_t i = 0; i < s->n_ca; i++)
        if (name[0] == '\0' || strcmp(s->ca[i].algorithm, name) == 0)
            return &s->ca[i];
    return NULL;
}

bool signer_tell(const struct signer *s, struct ch_arena *a, const char *ca, const char *role, X509 *cert)
{
    struct ch_fault f = {0};

    if (cert == NULL)
        return true;
    enum ch_err e = ch_db_one(s->db, a, &f,
                              CH_CALL(&signer_publish, ch_p_text(ca), ch_p_text(ca), ch_p_bool(false), ch_p_text(role),
                                      ch_p_text(ch_cert_serial(a, cert)), ch_p_text(ch_cert_subject(a, cert)),
                                      ch_p_text(ch_rfc3339(a, ch_cert_start(cert))),
                                      ch_p_text(ch_rfc3339(a, ch_cert_end(cert))), ch_p_bytes(ch_cert_der(a, cert))),
                              NULL);
    if (e != CH_OK)
        ch_log(CH_ERROR, NULL, "publishing the %s certificate of %s: %s", role, ca, f.detail);
    return e == CH_OK;
}

static bool publish_all(const struct signer *s)
{
    struct ch_arena *a = ch_arena_new();
    bool ok = true;

    for (size_t i = 0; ok && i < s->n_ca; i++) {
        const struct hierarchy *h = &s->ca[i];
        ok = signer_tell(s, a, h->algorithm, "root", h->root) && signer_tell(s, a, h->algorithm, "issuing", h->ca) &&
             signer_tell(s, a, h->algorithm, "ocsp", h->ocsp) && signer_tell(s, a, h->algorithm, "seal", h->seal) &&
             signer_tell(s, a, h->algorithm, "evidence", h->evidence);
    }
    ch_arena_free(a);
    return ok;
}

bool signer_open(struct signer *s)
{
    *s = (struct signer){.iterations = (int)ch_conf_int(CONF_PKCS12_ITER),
                         .origin = ch_conf(CONF_ORIGIN),
                         .site = ch_conf(CONF_BRAND_SITE)};
    s->profiles = signer_profiles();
    bool ok = s->profiles != NULL && open_keys(s);
    if (ok)
        s->db = ch_db_await(ch_conf(CONF_DB), "certhall_signer", signer_lists);
    if (ok && s->db != NULL && signer_load_ring(s) && publish_all(s) && request_publish(s))
        return true;
    signer_close(s);
    return false;
}

void signer_close(struct signer *s)
{
    for (size_t i = 0; i < s->n_ca; i++)
        hierarchy_free(&s->ca[i]);
    ch_profiles_free(s->profiles);
    ch_ring_free(s->ring);
    ch_db_close(s->db);
    OPENSSL_cleanse(s, sizeof *s);
}
