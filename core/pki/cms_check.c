/* SPDX-License-Identifier: Apache-2.0
 * Checks the signature of one signer of a CMS against the content. */
#include "core/pki/cms.h"

#include "core/crypto/digest.h"
#include "core/pki/der.h"

#include <openssl/err.h>

#define SET 0x31
#define OID(text) CH_LIT(text)

static const struct ch_bytes id_data[] = {OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
                                          OID("\x2a\x81\x1c\xcf\x55\x06\x01\x04\x02\x01")};

typedef void digest(struct ch_bytes in, unsigned char out[CH_SHA256_BYTES]);
_Static_assert(CH_SHA256_BYTES == CH_SM3_BYTES, "one buffer is used for both");

/* Pairs of a digest and a signature algorithm as signers name them, with the signature algorithm under which
 * core/pki/algorithm.h knows the pair. Some signers name only the algorithm of the key (RFC 5754, 3.2; GM/T 0010). */
static const struct {
    struct ch_bytes digest_oid, oid;
    digest *hash;
    int signature; /* NID */
} algorithms[] = {
#define SHA256 OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01")
#define SM3 OID("\x2a\x81\x1c\xcf\x55\x01\x83\x11")
    {SM3, OID("\x2a\x81\x1c\xcf\x55\x01\x83\x75"), ch_sm3, NID_SM2_with_SM3},                      /* SM3 with SM2 */
    {SM3, OID("\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x01"), ch_sm3, NID_SM2_with_SM3},                  /* SM2 signing */
    {SM3, OID("\x2a\x81\x1c\xcf\x55\x01\x82\x2d"), ch_sm3, NID_SM2_with_SM3},                      /* SM2 */
    {SHA256, OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), ch_sha256, NID_sha256WithRSAEncryption}, /* RSA */
    {SHA256, OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), ch_sha256, NID_sha256WithRSAEncryption},
    {SHA256, OID("\x2a\x86\x48\xce\x3d\x04\x03\x02"), ch_sha256, NID_ecdsa_with_SHA256},
    {SHA256, OID("\x2a\x86\x48\xce\x3d\x02\x01"), ch_sha256, NID_ecdsa_with_SHA256}, /* algorithm of the key */
};

static size_t find_algorithm(const struct ch_cms_signer *s)
{
    size_t i = 0;

    while (i < CH_COUNT(algorithms) &&
           !(ch_same(s->digest_algorithm, algorithms[i].digest_oid) && ch_same(s->algorithm, algorithms[i].oid)))
        i++;
    return i;
}

static bool verify_signature(const struct ch_cms_signer *s, int nid, struct ch_bytes tbs)
{
    X509_ALGOR *named = X509_ALGOR_new();
    bool good = named != NULL && X509_ALGOR_set0(named, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1 &&
                ch_alg_verify(named, X509_get0_pubkey(s->cert), tbs, s->signature);

    X509_ALGOR_free(named);
    ERR_clear_error();
    return good;
}

/* Whether the certificate is the one that the signer named; true when it named none. */
static bool is_named_cert(const struct ch_cms_signer *s)
{
    unsigned char hash[CH_SHA256_BYTES] = {0}, *der = NULL;

    if (s->meant.p == NULL)
        return true;
    int n = i2d_X509(s->cert, &der);
    if (n > 0)
        (s->meant_sm3 ? ch_sm3 : ch_sha256)(CH_BYTES(der, (size_t)n), hash);
    OPENSSL_free(der);
    return n > 0 && ch_same(s->meant, CH_BYTES(hash, sizeof hash));
}

/* Without signed attributes the signature covers the content itself. Content that has the form of signed attributes is
 * refused: somebody could take the attributes of another signature and present them as signed content. */
static bool signs_content(const struct ch_cms *cms, struct ch_bytes content)
{
    struct ch_der d = ch_der_open(content);

    ch_der_take(&d, SET);
    bool is_data = ch_same(cms->type, id_data[0]) || ch_same(cms->type, id_data[1]);
    return is_data && !ch_der_done(&d); /* RFC 5652, 5.3: content of another type must be signed with attributes */
}

enum ch_cms_result ch_cms_check(const struct ch_cms *cms, const struct ch_cms_signer *s, struct ch_bytes detached)
{
    struct ch_bytes content = cms->attached ? cms->content : detached;
    unsigned char hash[CH_SHA256_BYTES];
    size_t alg = find_algorithm(s);
    bool attributes = s->signed_attributes.p != NULL;

    if (alg == CH_COUNT(algorithms) || (s->cert != NULL && ch_alg_of(X509_get0_pubkey(s->cert)) == NULL))
        return CH_CMS_ALGORITHM;
    if (s->cert == NULL)
        return CH_CMS_NO_CERT;
    if (content.p == NULL)
        return CH_CMS_NO_CONTENT;
    if (s->attributes != CH_CMS_GOOD || (!attributes && !signs_content(cms, content)))
        return CH_CMS_ATTRIBUTES;
    algorithms[alg].hash(content, hash);
    if (attributes && !ch_same(s->digest, CH_BYTES(hash, sizeof hash)))
        return CH_CMS_CONTENT;
    if (!verify_signature(s, algorithms[alg].signature, attributes ? s->signed_attributes : content))
        return CH_CMS_SIGNATURE;
    return is_named_cert(s) ? CH_CMS_GOOD : CH_CMS_SUBSTITUTED;
}

static const char *const words[CH_CMS__COUNT] = {
    [CH_CMS_GOOD] = "签名与内容相符，内容自签名以来没有改动",
    [CH_CMS_NO_CONTENT] = "这是一份分离式签名，还需要同时选择被签名的原文件",
    [CH_CMS_NO_CERT] = "签名文件里没有附带签名人的证书",
    [CH_CMS_ALGORITHM] = "签名使用的算法不受支持（支持 SM2/SM3、RSA/SHA-256、P-256/SHA-256）",
    [CH_CMS_ATTRIBUTES] = "签名中的属性不完整或互相矛盾",
    [CH_CMS_CONTENT] = "内容与签名时不一致：内容被改动过，或选择的不是被签名的那个文件",
    [CH_CMS_SUBSTITUTED] = "签名指明的是另一张证书，附带的证书被替换过",
    [CH_CMS_SIGNATURE] = "签名值不正确，签名不是这张证书的私钥所做，或签名文件被改动过",
};

const char *ch_cms_words(enum ch_cms_result result)
{
    return result < CH_CMS__COUNT ? words[result] : words[CH_CMS_SIGNATURE];
}
