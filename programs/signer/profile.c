/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/signer/profile.h"

#include "core/pki/certificate.h"

#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define UNIT offsetof(struct subject, unit_name)
#define PERSON offsetof(struct subject, person_name)
#define LEAF "CA:FALSE"
#define POLICY PROFILE_ARC ".1."
#define LEAF_USAGE "critical,digitalSignature,nonRepudiation"
#define LEAF_EXTENDED "clientAuth,emailProtection"
#define CA_USAGE "critical,keyCertSign,cRLSign"

static const struct profile profiles[] = {
    /* kind, name, constraints, key usage, extended key usage, policy, unit code, ID hash, pointers */
    {"institution", {{"O", UNIT}, {"CN", UNIT}}, LEAF, LEAF_USAGE, LEAF_EXTENDED, POLICY "1", true, false, true},
    {"holder", {{"O", UNIT}, {"CN", PERSON}}, LEAF, LEAF_USAGE, LEAF_EXTENDED, POLICY "2", true, true, true},
    {"natural", {{"CN", PERSON}}, LEAF, LEAF_USAGE, LEAF_EXTENDED, POLICY "3", false, true, true},
    {"root", {{"O", UNIT}, {"CN", PERSON}}, "critical,CA:TRUE", CA_USAGE, NULL, NULL, false, false, false},
    {"issuing", {{"O", UNIT}, {"CN", PERSON}}, "critical,CA:TRUE,pathlen:0", CA_USAGE, NULL, NULL, false, false, false},
};

const struct profile *profile_find(const char *kind)
{
    for (size_t i = 0; i < CH_COUNT(profiles); i++)
        if (strcmp(profiles[i].kind, kind) == 0)
            return &profiles[i];
    return NULL;
}

static const char *member(const struct subject *s, size_t offset)
{
    const char *value;
    memcpy(&value, (const char *)s + offset, sizeof value);
    return value;
}

/* OpenSSL checks the lengths of the attributes, in characters. */
static bool add_name(X509_NAME *name, const char *attribute, const char *value)
{
    return value != NULL && value[0] != '\0' &&
           X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
}

static bool set_names(X509 *x, const struct certificate_plan *plan)
{
    X509_NAME *name = X509_get_subject_name(x);
    bool ok = add_name(name, "C", "CN");

    for (size_t i = 0; ok && i < NAME_PARTS && plan->profile->name[i].attribute != NULL; i++)
        ok = add_name(name, plan->profile->name[i].attribute, member(&plan->subject, plan->profile->name[i].member));
    return ok && X509_set_issuer_name(x, plan->issuer != NULL ? X509_get_subject_name(plan->issuer) : name) == 1;
}

static bool set_serial(X509 *x, const unsigned char serial[SERIAL_BYTES])
{
    BIGNUM *n = BN_bin2bn(serial, SERIAL_BYTES, NULL);
    bool ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;

    BN_free(n);
    return ok;
}

static bool set_frame(X509 *x, const struct certificate_plan *plan)
{
    return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x, plan->serial) &&
           ASN1_TIME_set(X509_getm_notBefore(x), (time_t)plan->not_before) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)plan->not_after) != NULL &&
           X509_set_pubkey(x, plan->key) == 1;
}

/* An extension in OpenSSL's words, a small language with commas and colons of its own: `value` is a constant of this
 * file, always. Whatever comes from people or settings is built from structures below. */
static bool add_constant(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;

    if (value == NULL)
        return true;
    X509V3_set_ctx(&ctx, issuer != NULL ? issuer : x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
    bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

/* A private extension, not critical, around bytes that are DER already. */
static bool add_private(X509 *x, const char *oid, const unsigned char *der, size_t n)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *e = NULL;
    bool ok = object != NULL && value != NULL && ASN1_OCTET_STRING_set(value, der, (int)n) == 1 &&
              (e = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value)) != NULL && X509_add_ext(x, e, -1) == 1;

    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
    return ok;
}

/* Tag and length before at most 127 bytes. */
static bool add_private_string(X509 *x, const char *oid, unsigned char tag, const void *p, size_t n)
{
    unsigned char der[2 + 127];

    if (n > 127)
        return false;
    der[0] = tag;
    der[1] = (unsigned char)n;
    memcpy(der + 2, p, n);
    return add_private(x, oid, der, 2 + n);
}

static bool is_unit_code(const char *code)
{
    size_t n = code != NULL ? strlen(code) : 0;
    return n >= 8 && n <= 32 && strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == n;
}

static GENERAL_NAME *address(const char *origin, const char *file, const char *algorithm, const char *ending)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    char url[512];
    int n = snprintf(url, sizeof url, "%s%s%s%s", origin, file, algorithm, ending);

    if (name == NULL || text == NULL || n >= (int)sizeof url || ASN1_STRING_set(text, url, n) != 1) {
        GENERAL_NAME_free(name);
        ASN1_IA5STRING_free(text);
        return NULL;
    }
    GENERAL_NAME_set0_value(name, GEN_URI, text);
    return name;
}

static bool push_access(AUTHORITY_INFO_ACCESS *list, int method, GENERAL_NAME *where)
{
    ACCESS_DESCRIPTION *d = ACCESS_DESCRIPTION_new();

    if (d == NULL || where == NULL || sk_ACCESS_DESCRIPTION_push(list, d) <= 0) {
        ACCESS_DESCRIPTION_free(d);
        GENERAL_NAME_free(where);
        return false;
    }
    ASN1_OBJECT_free(d->method);
    GENERAL_NAME_free(d->location);
    d->method = OBJ_nid2obj(method);
    d->location = where;
    return true;
}

static bool add_access(X509 *x, const struct certificate_plan *plan)
{
    AUTHORITY_INFO_ACCESS *list = sk_ACCESS_DESCRIPTION_new_null();
    bool ok = list != NULL && push_access(list, NID_ad_OCSP, address(plan->origin, "/ocsp", "", "")) &&
              push_access(list, NID_ad_ca_issuers, address(plan->origin, "/crl/ca-", plan->algorithm, ".cer")) &&
              X509_add1_ext_i2d(x, NID_info_access, list, 0, X509V3_ADD_DEFAULT) == 1;

    AUTHORITY_INFO_ACCESS_free(list);
    return ok;
}

/* A distribution point that holds `where`, which it takes over even on failure. */
static DIST_POINT *distribution_point(GENERAL_NAME *where)
{
    DIST_POINT *point = DIST_POINT_new();
    DIST_POINT_NAME *name = DIST_POINT_NAME_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();

    if (point == NULL || name == NULL || names == NULL || where == NULL || sk_GENERAL_NAME_push(names, where) <= 0) {
        DIST_POINT_free(point);
        DIST_POINT_NAME_free(name);
        GENERAL_NAMES_free(names);
        GENERAL_NAME_free(where);
        return NULL;
    }
    name->type = 0; /* fullName */
    name->name.fullname = names;
    point->distpoint = name;
    return point;
}

static bool add_crl(X509 *x, const struct certificate_plan *plan)
{
    CRL_DIST_POINTS *list = CRL_DIST_POINTS_new();
    DIST_POINT *point = distribution_point(address(plan->origin, "/crl/ca-", plan->algorithm, ".crl"));
    bool ok = list != NULL && point != NULL && sk_DIST_POINT_push(list, point) > 0;

    if (!ok)
        DIST_POINT_free(point);
    ok = ok && X509_add1_ext_i2d(x, NID_crl_distribution_points, list, 0, X509V3_ADD_DEFAULT) == 1;
    CRL_DIST_POINTS_free(list);
    return ok;
}

/* The address of the certification practice statement as qualifier. */
static POLICYQUALINFO *statement(const char *site)
{
    POLICYQUALINFO *q = POLICYQUALINFO_new();

    if (q == NULL)
        return NULL;
    q->pqualid = OBJ_nid2obj(NID_id_qt_cps);
    q->d.cpsuri = ASN1_IA5STRING_new();
    if (q->d.cpsuri != NULL && ASN1_STRING_set(q->d.cpsuri, site, -1) == 1)
        return q;
    POLICYQUALINFO_free(q);
    return NULL;
}

static POLICYINFO *policy_info(const char *oid, const char *site)
{
    POLICYINFO *p = POLICYINFO_new();
    POLICYQUALINFO *q = statement(site);

    if (p != NULL && q != NULL) {
        p->policyid = OBJ_txt2obj(oid, 1);
        p->qualifiers = sk_POLICYQUALINFO_new_null();
        if (p->policyid != NULL && p->qualifiers != NULL && sk_POLICYQUALINFO_push(p->qualifiers, q) > 0)
            return p;
    }
    POLICYQUALINFO_free(q);
    POLICYINFO_free(p);
    return NULL;
}

static bool add_policy(X509 *x, const struct certificate_plan *plan)
{
    if (plan->profile->policy == NULL)
        return true;
    CERTIFICATEPOLICIES *list = CERTIFICATEPOLICIES_new();
    POLICYINFO *info = policy_info(plan->profile->policy, plan->site);
    bool ok = list != NULL && info != NULL && sk_POLICYINFO_push(list, info) > 0;

    if (!ok)
        POLICYINFO_free(info);
    ok = ok && X509_add1_ext_i2d(x, NID_certificate_policies, list, 0, X509V3_ADD_DEFAULT) == 1;
    CERTIFICATEPOLICIES_free(list);
    return ok;
}

static bool add_standard(X509 *x, const struct certificate_plan *plan)
{
    const struct profile *p = plan->profile;

    return add_constant(x, plan->issuer, NID_basic_constraints, p->constraints) &&
           add_constant(x, plan->issuer, NID_key_usage, p->key_usage) &&
           add_constant(x, plan->issuer, NID_ext_key_usage, p->extended_usage) &&
           add_constant(x, plan->issuer, NID_subject_key_identifier, "hash") &&
           /* "always": without it an issuer that lacks a key id gives an empty extension, silently */
           add_constant(x, plan->issuer, NID_authority_key_identifier, "keyid:always") && add_policy(x, plan) &&
           (!p->pointers || (add_access(x, plan) && add_crl(x, plan)));
}

static bool add_own(X509 *x, const struct certificate_plan *plan)
{
    const char *code = plan->subject.unit_code;

    if (plan->profile->unit_code &&
        !add_private_string(x, PROFILE_ORG_CODE, V_ASN1_PRINTABLESTRING, code, strlen(code)))
        return false;
    return !plan->profile->id_hash ||
           add_private_string(x, PROFILE_ID_HASH, V_ASN1_OCTET_STRING, plan->id_hash, ID_HASH_BYTES);
}

static enum ch_err fill(X509 *x, const struct certificate_plan *plan, struct ch_fault *f)
{
    if (plan->profile->unit_code && !is_unit_code(plan->subject.unit_code))
        return ch_fault(f, CH_E_INVALID, "profile %s: no unit code of the known form", plan->profile->kind);
    if (!set_names(x, plan))
        return ch_fault(f, CH_E_INVALID, "profile %s: name: %s", plan->profile->kind, ch_openssl_reason());
    if (!set_frame(x, plan) || !add_standard(x, plan) || !add_own(x, plan))
        return ch_fault(f, CH_E_INTERNAL, "profile %s: %s", plan->profile->kind, ch_openssl_reason());
    return CH_OK;
}

X509 *profile_build(const struct certificate_plan *plan, struct ch_fault *f)
{
    X509 *x = X509_new();

    if (x != NULL && fill(x, plan, f) == CH_OK)
        return x;
    X509_free(x);
    return NULL;
}
