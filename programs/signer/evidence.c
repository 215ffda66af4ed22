/* SPDX-License-Identifier: Apache-2.0
 * Signing the manifest of an evidence package (docs/evidence.md): detached CMS (RFC 5652) with the signer's certificate and its issuer.
 * The database has the manifest's digests; the manifest itself, which names the files of an order, does not come here. */
#include "programs/signer/operations.h"

#include "core/pki/certificate.h"

#include <openssl/cms.h>
#include <string.h>

/* Adds the signed attributes of a content that is known by its digest, and signs. */
static bool sign_digest(CMS_ContentInfo *cms, const struct hierarchy *h, struct ch_bytes sha256)
{
    CMS_SignerInfo *signer = CMS_add1_signer(cms, h->evidence, h->evidence_key, EVP_sha256(),
                                             CMS_PARTIAL | CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP | CMS_CADES);

    return signer != NULL && CMS_add1_cert(cms, h->ca) == 1 &&
           CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1) == 1 &&
           CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, sha256.p, (int)sha256.n) == 1 &&
           CMS_SignerInfo_sign(signer) == 1;
}

static bool make_cms(struct ch_arena *a, const struct hierarchy *h, struct ch_bytes sha256, struct ch_bytes *out)
{
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
    unsigned char *der = NULL;
    int n = cms != NULL && sign_digest(cms, h, sha256) ? i2d_CMS_ContentInfo(cms, &der) : -1;

    if (n > 0)
        *out = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    return n > 0;
}

enum ch_err evidence_sign(struct signer *s, struct ch_arena *a, const char *id, char *text, struct ch_fault *f)
{
    (void)text;
    struct ch_rows r;
    struct ch_bytes cms;
    enum ch_err e = ch_db_one(s->db, a, f, CH_CALL(&signer_evidence, ch_p_text(id)), &r);

    if (e != CH_OK)
        return e;
    if (r.n != 1)
        return ch_fault(f, CH_E_CONFLICT, "this package is not to be signed");
    if (ch_col_bool(&r, 0, "signed"))
        return CH_OK;
    const struct hierarchy *h = signer_ca(s, ch_col(&r, 0, "ca"));
    struct ch_bytes sha256 = ch_col_bytes(&r, a, 0, "sha256");
    if (h == NULL || h->evidence == NULL || h->evidence_key == NULL)
        return ch_fault(f, CH_E_UNAVAILABLE, "there is no evidence signer, run certhall-signer init");
    e = ch_db_one(s->db, a, f,
                  CH_CALL(&signer_signature, ch_p_text(h->algorithm), ch_p_text("evidence"), ch_p_text("evidence"),
                          ch_p_text(id), ch_p_bytes(ch_col_bytes(&r, a, 0, "sm3"))),
                  NULL);
    if (e != CH_OK)
        return e;
    if (!make_cms(a, h, sha256, &cms))
        return ch_fault(f, CH_E_INTERNAL, "evidence: %s", ch_openssl_reason());
    return ch_db_one(s->db, a, f, CH_CALL(&signer_evidence_signed, ch_p_text(id), ch_p_bytes(sha256), ch_p_bytes(cms)),
                     NULL);
}
