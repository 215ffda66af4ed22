/* SPDX-License-Identifier: Apache-2.0
 * Checks a response as a relying party does. OpenSSL parses it; core/pki/algorithm.h verifies the signature. */
#include "core/pki/ocsp.h"

#include "core/pki/certificate.h"
#include "core/pki/der.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#define CLOCK_SKEW 300 /* seconds by which the client's clock may be behind the signer's */

/* The BasicOCSPResponse inside a successful response, as it came; n = 0 for anything else. */
static struct ch_bytes basic_of(struct ch_bytes der)
{
    struct ch_der d = ch_der_open(der), outer = ch_der_enter(&d, CH_DER_SEQUENCE);
    struct ch_bytes status = ch_der_take(&outer, V_ASN1_ENUMERATED);
    struct ch_der tagged = ch_der_enter(&outer, CH_DER_CONTEXT(0)), body = ch_der_enter(&tagged, CH_DER_SEQUENCE);
    struct ch_bytes oid = ch_der_take(&body, CH_DER_OID), basic = ch_der_take(&body, CH_DER_OCTETS);
    const ASN1_OBJECT *known = OBJ_nid2obj(NID_id_pkix_OCSP_basic);

    ch_der_leave(&tagged, &body);
    ch_der_leave(&outer, &tagged);
    ch_der_leave(&d, &outer);
    bool ok = ch_der_done(&d) && status.n == 1 && status.p[0] == CH_OCSP_SUCCESSFUL && oid.n == OBJ_length(known) &&
              memcmp(oid.p, OBJ_get0_data(known), oid.n) == 0;
    return ok ? basic : CH_BYTES("", 0);
}

static OCSP_BASICRESP *read_basic(struct ch_bytes der)
{
    const unsigned char *p = der.p;
    OCSP_BASICRESP *basic = der.n > 0 && der.n < INT32_MAX ? d2i_OCSP_BASICRESP(NULL, &p, (long)der.n) : NULL;

    if (basic != NULL && p == der.p + der.n)
        return basic;
    OCSP_BASICRESP_free(basic);
    return NULL;
}

static bool is_named_signer(const OCSP_BASICRESP *basic, const X509 *cert)
{
    const ASN1_OCTET_STRING *key;
    const X509_NAME *name;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n;

    if (OCSP_resp_get0_id(basic, &key, &name) != 1)
        return false;
    if (name != NULL)
        return X509_NAME_cmp(name, X509_get_subject_name(cert)) == 0;
    return X509_pubkey_digest(cert, EVP_sha1(), hash, &n) == 1 && ASN1_STRING_length(key) == (int)n &&
           memcmp(ASN1_STRING_get0_data(key), hash, n) == 0;
}

/* Whether the issuer has certified it as a responder, and it is valid at that time. */
static bool may_sign_responses(X509 *cert, X509 *issuer, int64_t at)
{
    return (X509_get_extension_flags(cert) & EXFLAG_XKUSAGE) != 0 &&
           (X509_get_extended_key_usage(cert) & XKU_OCSP_SIGN) != 0 &&
           (X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0 && ch_cert_start(cert) <= at &&
           at <= ch_cert_end(cert) && ch_cert_verify(cert, issuer);
}

/* The certificate that the response names as its signer's: the issuer's own, or one in the response. NULL when that one may not
 * sign responses. */
static X509 *signer_of(const OCSP_BASICRESP *basic, X509 *issuer, int64_t at)
{
    const STACK_OF(X509) *certs = OCSP_resp_get0_certs(basic);

    if (is_named_signer(basic, issuer))
        return issuer;
    for (int i = 0; i < sk_X509_num(certs); i++)
        if (is_named_signer(basic, sk_X509_value(certs, i)) && may_sign_responses(sk_X509_value(certs, i), issuer, at))
            return sk_X509_value(certs, i);
    return NULL;
}

static bool same_digest(const ASN1_OCTET_STRING *said, const unsigned char *hash, unsigned n)
{
    return ASN1_STRING_length(said) == (int)n && memcmp(ASN1_STRING_get0_data(said), hash, n) == 0;
}

/* Whether the id names the issuer's certificate with that serial number. */
static bool is_about(struct ch_arena *a, const OCSP_CERTID *id, X509 *issuer, const char *serial)
{
    unsigned char name[EVP_MAX_MD_SIZE], key[EVP_MAX_MD_SIZE];
    ASN1_OCTET_STRING *name_hash, *key_hash;
    ASN1_INTEGER *number;
    ASN1_OBJECT *alg;
    unsigned n, m;

    if (OCSP_id_get0_info(&name_hash, &alg, &key_hash, &number, (OCSP_CERTID *)(uintptr_t)id) != 1)
        return false;
    const EVP_MD *md = EVP_get_digestbyobj(alg);
    return md != NULL && X509_NAME_digest(X509_get_subject_name(issuer), md, name, &n) == 1 &&
           X509_pubkey_digest(issuer, md, key, &m) == 1 && same_digest(name_hash, name, n) &&
           same_digest(key_hash, key, m) && strcasecmp(ch_cert_serial_text(a, number), serial) == 0;
}

static int64_t unix_seconds(const ASN1_GENERALIZEDTIME *moment)
{
    struct tm tm;
    return moment != NULL && ASN1_TIME_to_tm(moment, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static enum ch_ocsp_verdict read_single(OCSP_SINGLERESP *single, int64_t at, struct ch_ocsp_answer *out)
{
    ASN1_GENERALIZEDTIME *revoked, *from, *until;
    struct ch_ocsp_answer answer = {.reason = -1};
    int status = OCSP_single_get0_status(single, &answer.reason, &revoked, &from, &until);

    answer.this_update = unix_seconds(from);
    answer.next_update = unix_seconds(until);
    answer.revoked_at = status == V_OCSP_CERTSTATUS_REVOKED ? unix_seconds(revoked) : 0;
    if (answer.this_update - CLOCK_SKEW > at || (answer.next_update != 0 && answer.next_update < at))
        return CH_OCSP_NOT_CURRENT;
    *out = answer;
    return status == V_OCSP_CERTSTATUS_GOOD      ? CH_OCSP_GOOD
           : status == V_OCSP_CERTSTATUS_REVOKED ? CH_OCSP_REVOKED
                                                 : CH_OCSP_UNKNOWN;
}

static enum ch_ocsp_verdict find_answer(struct ch_arena *a, OCSP_BASICRESP *basic, X509 *issuer, const char *serial,
                                        int64_t at, struct ch_ocsp_answer *out)
{
    for (int i = 0; i < OCSP_resp_count(basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        if (is_about(a, OCSP_SINGLERESP_get0_id(single), issuer, serial))
            return read_single(single, at, out);
    }
    return CH_OCSP_NO_ANSWER;
}

enum ch_ocsp_verdict ch_ocsp_verify(struct ch_arena *a, struct ch_bytes der, X509 *issuer, const char *serial,
                                    int64_t at, struct ch_ocsp_answer *out)
{
    struct ch_bytes basic_der = basic_of(der);
    OCSP_BASICRESP *basic = read_basic(basic_der);
    enum ch_ocsp_verdict verdict = CH_OCSP_NO_ANSWER;

    if (basic != NULL) {
        X509 *signer = signer_of(basic, issuer, at);
        if (signer == NULL)
            verdict = CH_OCSP_BAD_SIGNER;
        else if (!ch_alg_signed_verify(basic_der, X509_get0_pubkey(signer)))
            verdict = CH_OCSP_BAD_SIGNATURE;
        else
            verdict = find_answer(a, basic, issuer, serial, at, out);
    }
    OCSP_BASICRESP_free(basic);
    ERR_clear_error();
    return verdict;
}
