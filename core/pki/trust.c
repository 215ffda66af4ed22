/* SPDX-License-Identifier: Apache-2.0
 * Searches for a chain from a leaf to a trusted root, depth first, and checks it. */
#include "core/pki/trust.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* The most signatures verified for one leaf: an attacker could send any number of certificates with the right name. */
#define TRIES_MAX 64

/* Extensions that are checked here, or whose restrictions do not matter here. */
static const int known_extensions[] = {
    NID_basic_constraints,       NID_key_usage,        NID_ext_key_usage,
    NID_certificate_policies,    NID_subject_alt_name, NID_issuer_alt_name,
    NID_crl_distribution_points, NID_info_access,      NID_authority_key_identifier,
    NID_subject_key_identifier,
};

struct search {
    const struct ch_trusted *given;
    int64_t at;
    enum ch_trust_use use;
    size_t tries;
    struct ch_chain path; /* as far as it is built */
    struct ch_chain *best;
};

static bool is_known_extension(const X509_EXTENSION *extension)
{
    int nid = OBJ_obj2nid(X509_EXTENSION_get_object((X509_EXTENSION *)(uintptr_t)extension));

    for (size_t i = 0; i < CH_COUNT(known_extensions); i++)
        if (known_extensions[i] == nid)
            return true;
    return false;
}

static bool has_unknown_critical(const X509 *cert)
{
    for (int i = 0; i < X509_get_ext_count(cert); i++) {
        const X509_EXTENSION *extension = X509_get_ext(cert, i);
        if (X509_EXTENSION_get_critical(extension) && !is_known_extension(extension))
            return true;
    }
    return false;
}

static enum ch_trust check_any(X509 *cert, int64_t at)
{
    /* OpenSSL could not read an extension, or it is repeated: it may be a critical one. */
    bool unreadable = (X509_get_extension_flags(cert) & (EXFLAG_INVALID | EXFLAG_INVALID_POLICY)) != 0;

    if (ch_alg_of(X509_get0_pubkey(cert)) == NULL)
        return CH_TRUST_KEY;
    if (unreadable || has_unknown_critical(cert))
        return CH_TRUST_CRITICAL;
    if (at < ch_cert_start(cert))
        return CH_TRUST_NOT_YET;
    return at > ch_cert_end(cert) ? CH_TRUST_EXPIRED : CH_TRUST_OK;
}

/* `below`: certificates between this one and the leaf that are not self-issued. */
static enum ch_trust check_issuer(X509 *cert, size_t below)
{
    uint32_t flags = X509_get_extension_flags(cert);
    long most = X509_get_pathlen(cert); /* -1: no limit */

    if (X509_get_version(cert) != 2 || (flags & EXFLAG_BCONS) == 0 || (flags & EXFLAG_CA) == 0)
        return CH_TRUST_NOT_CA;
    if ((X509_get_key_usage(cert) & KU_KEY_CERT_SIGN) == 0)
        return CH_TRUST_NOT_CA;
    return most >= 0 && below > (size_t)most ? CH_TRUST_PATH_LENGTH : CH_TRUST_OK;
}

/* Checks everything but signatures on a path that has reached a root, from the leaf to the root. */
static void check_path(const struct search *s, struct ch_chain *path)
{
    size_t below = 0;

    /* Without a keyUsage extension OpenSSL returns all bits. */
    bool may_sign = (X509_get_key_usage(path->link[0]) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
    path->result = s->use == CH_USE_SIGN && !may_sign ? CH_TRUST_USE : CH_TRUST_OK;
    path->failed = 0;
    for (size_t i = 0; i < path->n && path->result == CH_TRUST_OK; i++) {
        path->failed = i;
        path->result = check_any(path->link[i], s->at);
        if (path->result == CH_TRUST_OK && i > 0)
            path->result = check_issuer(path->link[i], below);
        bool self_issued = X509_NAME_cmp(X509_get_subject_name(path->link[i]), X509_get_issuer_name(path->link[i])) == 0;
        below += i > 0 && !self_issued;
    }
    if (path->result == CH_TRUST_OK)
        path->failed = 0;
}

static bool is_among(X509 *const *certs, size_t n, const X509 *cert)
{
    for (size_t i = 0; i < n; i++)
        if (X509_cmp(certs[i], cert) == 0)
            return true;
    return false;
}

/* Ranks results by how much they tell: a path that reached a root, then a wrong signature, then a missing issuer. */
static int rank_of(enum ch_trust result)
{
    switch (result) {
    case CH_TRUST_OK:
        return 3;
    case CH_TRUST_UNKNOWN_ISSUER:
        return 0;
    case CH_TRUST_SIGNATURE:
        return 1;
    default:
        return 2;
    }
}

static void remember_if_better(struct search *s, enum ch_trust result)
{
    if (rank_of(result) > rank_of(s->best->result) || s->best->n == 0)
        *s->best = s->path;
}

/* The issuer has the right name, but did not verify the signature. If it may not sign, or its key is unsupported, the issuer
 * is the link that failed, otherwise `cert`. */
static void remember_refused(struct search *s, X509 *cert, X509 *issuer)
{
    bool may_not = X509_check_issued(issuer, cert) == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
    bool odd_key = ch_alg_of(X509_get0_pubkey(issuer)) == NULL;

    s->path.result = odd_key ? CH_TRUST_KEY : may_not ? CH_TRUST_NOT_CA : CH_TRUST_SIGNATURE;
    s->path.failed = s->path.n - (odd_key || may_not ? 1 : 2);
    remember_if_better(s, s->path.result);
}

static void extend_path(struct search *s);

/* Tries a certificate as the issuer of the last one in the path. */
static void try_issuer(struct search *s, X509 *issuer)
{
    struct ch_chain *path = &s->path;
    X509 *last = path->link[path->n - 1];

    if (s->best->result == CH_TRUST_OK || s->tries >= TRIES_MAX || is_among(path->link, path->n, issuer) ||
        X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(last)) != 0)
        return;
    s->tries++;
    path->link[path->n++] = issuer;
    if (ch_cert_verify(last, issuer))
        extend_path(s);
    else
        remember_refused(s, last, issuer);
    path->n--;
}

static void extend_path(struct search *s)
{
    struct ch_chain *path = &s->path;

    if (is_among(s->given->roots, s->given->n_roots, path->link[path->n - 1])) {
        check_path(s, path);
        remember_if_better(s, path->result);
        return;
    }
    path->result = CH_TRUST_UNKNOWN_ISSUER;
    path->failed = path->n - 1;
    remember_if_better(s, path->result);
    if (path->n == CH_CHAIN_MAX)
        return;
    for (size_t i = 0; i < s->given->n_roots; i++)
        try_issuer(s, s->given->roots[i]);
    for (size_t i = 0; i < s->given->n_between; i++)
        try_issuer(s, s->given->between[i]);
}

enum ch_trust ch_trust_check(const struct ch_trusted *given, X509 *leaf, int64_t at, enum ch_trust_use use,
                             struct ch_chain *out)
{
    struct search s = {.given = given, .at = at, .use = use, .best = out};

    *out = (struct ch_chain){.result = CH_TRUST_UNKNOWN_ISSUER};
    s.path = *out;
    s.path.link[s.path.n++] = leaf;
    extend_path(&s);
    ERR_clear_error();
    return out->result;
}

static const char *const words[CH_TRUST__COUNT] = {
    [CH_TRUST_OK] = "证书链完整，可追溯到受信任的根证书",
    [CH_TRUST_UNKNOWN_ISSUER] = "签发机构不在受信任的范围内",
    [CH_TRUST_SIGNATURE] = "证书上签发机构的签名不正确，证书可能是伪造的或被改动过",
    [CH_TRUST_KEY] = "证书使用的密钥或算法不受支持",
    [CH_TRUST_NOT_YET] = "证书尚未生效",
    [CH_TRUST_EXPIRED] = "证书已经过期",
    [CH_TRUST_NOT_CA] = "上级证书无权签发证书",
    [CH_TRUST_PATH_LENGTH] = "证书链的层级超出上级证书允许的范围",
    [CH_TRUST_CRITICAL] = "证书含有无法识别的关键扩展项",
    [CH_TRUST_USE] = "证书的密钥用途不包括签名",
};

const char *ch_trust_words(enum ch_trust result)
{
    return result < CH_TRUST__COUNT ? words[result] : words[CH_TRUST_UNKNOWN_ISSUER];
}
