/* SPDX-License-Identifier: Apache-2.0
 * Verifies seals and their uses in the order of GB/T 38540-2020: format, signature, maker, dates. */
#include "core/pki/ses.h"

#include "core/crypto/digest.h"
#include "core/pki/certificate.h"

#include <openssl/x509v3.h>

#define CLOCK_SKEW 300 /* seconds by which a maker's clock may be ahead of ours */

static const char *const words[] = {
    [CH_SES_GOOD] = "印章有效。",
    [CH_SES_FORMAT] = "不是有效的电子印章数据，或内容不完整。",
    [CH_SES_SIGNATURE] = "制章者签名无效，印章内容可能被更改。",
    [CH_SES_MAKER] = "制章者证书不能用于制章，或制章时不在有效期内。",
    [CH_SES_CREATED] = "印章的制作时间或有效期不合理。",
    [CH_SES_EARLY] = "印章尚未生效。",
    [CH_SES_EXPIRED] = "印章已过有效期。",
    [CH_SES_SIGNER] = "签章人的证书不在印章的使用者之列，或签章签名无效。",
    [CH_SES_DOCUMENT] = "签章对应的不是这份文件，或文件已被更改。",
};

const char *ch_ses_words(enum ch_ses_verdict v)
{
    return words[v];
}

X509 *ch_ses_maker(const struct ch_ses *s)
{
    return ch_cert_read(s->maker);
}

/* Verifies a signature of these structures. Their algorithm is a bare OBJECT IDENTIFIER without parameters, so that only one that
 * names hash and key together is accepted (core/pki/algorithm.h). */
static bool verify_signature(struct ch_bytes oid, X509 *cert, struct ch_bytes tbs, struct ch_bytes signature)
{
    X509_ALGOR *alg = X509_ALGOR_new();
    int nid = NID_undef;
    ASN1_OBJECT *object = oid.n > 0 && oid.n < 64
                              ? ASN1_OBJECT_create(NID_undef, (unsigned char *)(uintptr_t)oid.p, (int)oid.n, NULL, NULL)
                              : NULL;

    if (object != NULL)
        nid = OBJ_obj2nid(object);
    bool ok = alg != NULL && nid != NID_undef && X509_ALGOR_set0(alg, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1 &&
              ch_alg_verify(alg, X509_get0_pubkey(cert), tbs, signature);
    ASN1_OBJECT_free(object);
    X509_ALGOR_free(alg);
    return ok;
}

/* digitalSignature or contentCommitment; a certificate without the extension may do everything. */
static bool may_sign(X509 *cert)
{
    return (X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

static bool is_valid_at(X509 *cert, int64_t at)
{
    return ch_cert_start(cert) <= at && at <= ch_cert_end(cert);
}

bool ch_ses_signed(const struct ch_ses *s)
{
    X509 *maker = ch_ses_maker(s);
    bool ok = maker != NULL && verify_signature(s->algorithm, maker, s->tbs, s->signature);

    X509_free(maker);
    return ok;
}

/* The certificate of the maker may have expired since it made the seal. */
static enum ch_ses_verdict check_maker(const struct ch_ses *s, X509 *maker)
{
    if (maker == NULL)
        return CH_SES_FORMAT;
    if (!verify_signature(s->algorithm, maker, s->tbs, s->signature))
        return CH_SES_SIGNATURE;
    return may_sign(maker) && is_valid_at(maker, s->created) ? CH_SES_GOOD : CH_SES_MAKER;
}

enum ch_ses_verdict ch_ses_verify(const struct ch_ses *s, int64_t at)
{
    X509 *maker = ch_ses_maker(s);
    enum ch_ses_verdict v = check_maker(s, maker);

    X509_free(maker);
    if (v != CH_SES_GOOD)
        return v;
    if (s->created > at + CLOCK_SKEW || s->start > s->end || s->created > s->end)
        return CH_SES_CREATED;
    if (at < s->start - CLOCK_SKEW)
        return CH_SES_EARLY;
    return at > s->end ? CH_SES_EXPIRED : CH_SES_GOOD;
}

enum ch_ses_verdict ch_ses_check(struct ch_arena *a, struct ch_bytes der, int64_t at, struct ch_ses *out)
{
    struct ch_ses s;

    if (!ch_ses_read(a, der, out != NULL ? out : &s))
        return CH_SES_FORMAT;
    return ch_ses_verify(out != NULL ? out : &s, at);
}

bool ch_ses_may_use(const struct ch_ses *s, struct ch_bytes cert)
{
    unsigned char digest[CH_SM3_BYTES];
    struct ch_bytes sought = cert;

    if (s->digests) {
        ch_sm3(cert, digest);
        sought = CH_BYTES(digest, sizeof digest);
    }
    for (size_t i = 0; i < s->n_certs; i++)
        if (ch_same(s->certs[i], sought))
            return true;
    return false;
}

/* The time for which a use is checked: the one that its signer claims, or in version 1 the one when the seal was made. */
static int64_t time_of_use(const struct ch_ses_use *u)
{
    return u->version == 1 ? u->seal.created : u->time;
}

enum ch_ses_verdict ch_ses_use_verify(const struct ch_ses_use *u, struct ch_bytes document)
{
    unsigned char hash[CH_SM3_BYTES];
    enum ch_ses_verdict v = ch_ses_verify(&u->seal, time_of_use(u));

    if (v != CH_SES_GOOD)
        return v;
    X509 *signer = ch_cert_read(u->cert);
    bool good = signer != NULL && verify_signature(u->algorithm, signer, u->tbs, u->signature) && may_sign(signer) &&
                is_valid_at(signer, time_of_use(u)) && ch_ses_may_use(&u->seal, u->cert);
    X509_free(signer);
    if (!good)
        return CH_SES_SIGNER;
    if (document.p == NULL)
        return CH_SES_GOOD;
    ch_sm3(document, hash);
    return ch_same(u->hash, CH_BYTES(hash, sizeof hash)) ? CH_SES_GOOD : CH_SES_DOCUMENT;
}
