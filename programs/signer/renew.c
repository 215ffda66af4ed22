/* SPDX-License-Identifier: Apache-2.0
 * Renewing the certificate of an OCSP signer when less than a third of its life is left. */
#include "programs/signer/operations.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/pki/certificate.h"

#include <string.h>

static struct hierarchy *find_ca(struct signer *s, const char *name)
{
    for (size_t i = 0; i < s->n_ca; i++)
        if (strcmp(s->ca[i].algorithm, name) == 0)
            return &s->ca[i];
    return NULL;
}

/* Records the signature, signs the certificate, and replaces the old one. */
static enum ch_err sign_and_replace(struct signer *s, struct ch_arena *a, struct hierarchy *h, X509 *cert,
                                    struct ch_fault *f)
{
    unsigned char tbs[CH_SM3_BYTES];

    if (!ch_cert_fix(cert, h->ca_key, tbs))
        return ch_fault(f, CH_E_INTERNAL, "OCSP signer: %s", ch_openssl_reason());
    enum ch_err e =
        ch_db_one(s->db, a, f,
                  CH_CALL(&signer_signature, ch_p_text(h->algorithm), ch_p_text("issuing"), ch_p_text("ocsp_signer"),
                          ch_p_text(ch_cert_serial(a, cert)), ch_p_bytes(CH_BYTES(tbs, sizeof tbs))),
                  NULL);
    if (e != CH_OK)
        return e;
    if (!ch_cert_sign(cert, h->ca_key, tbs))
        return ch_fault(f, CH_E_INTERNAL, "OCSP signer: %s", ch_openssl_reason());
    return hierarchy_ocsp_replace(ch_conf(CONF_SIGNER_KEYS), h, cert, f);
}

enum ch_err ocsp_renew(struct signer *s, struct ch_arena *a, const char *ca, char *text, struct ch_fault *f)
{
    (void)text;
    const struct authority who = signer_authority(s->profiles);
    struct hierarchy *h = find_ca(s, ca);

    if (h == NULL || h->ocsp == NULL || !hierarchy_due(h->ocsp, ch_now_ms() / 1000))
        return ch_fault(f, CH_E_CONFLICT, "no OCSP signer of that CA runs out");
    X509 *cert = hierarchy_ocsp_next(h, &who, f);
    if (cert == NULL)
        return ch_fault(f, CH_E_INTERNAL, "OCSP signer: no certificate");
    enum ch_err e = sign_and_replace(s, a, h, cert, f);
    if (e != CH_OK) {
        X509_free(cert);
        return e;
    }
    return signer_tell(s, a, h->algorithm, "ocsp", h->ocsp) ? CH_OK : ch_fault(f, CH_E_UNAVAILABLE, "not published");
}
