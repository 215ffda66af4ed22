/* SPDX-License-Identifier: Apache-2.0
 * Builds a certificate by its profile. */
#include "core/pki/profile.h"

#include "core/base/codec.h"
#include "core/base/text.h"
#include "core/pki/certificate.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY 86400

static const char *field_of(const struct ch_subject *s, size_t offset)
{
    const char *value;
    memcpy(&value, (const char *)s + offset, sizeof value);
    return value;
}

/* --- the name --- */

/* Whether the value is there and not longer than the profile allows, and has nothing hidden in it. Line breaks are texts' own, but
 * no name's. OpenSSL checks its form and limits of its own. */
static bool text_fits(const char *value, int longest)
{
    size_t points;

    return value != NULL && ch_utf8(value, strlen(value), &points) && points >= 1 && points <= (size_t)longest &&
           ch_text_clean(value) && strpbrk(value, "\t\r\n") == NULL;
}

static bool names_fit(const struct ch_certificate_plan *plan)
{
    for (const struct ch_name_part *part = plan->profile->name; part->attribute != 0; part++)
        if (part->text == NULL && !text_fits(field_of(&plan->subject, part->field), part->longest))
            return false;
    return true;
}

static bool set_names(X509 *x, const struct ch_certificate_plan *plan)
{
    X509_NAME *name = X509_get_subject_name(x);
    bool ok = true;

    for (const struct ch_name_part *part = plan->profile->name; ok && part->attribute != 0; part++) {
        const char *value = part->text != NULL ? part->text : field_of(&plan->subject, part->field);
        ok = X509_NAME_add_entry_by_NID(name, part->attribute, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1;
    }
    return ok && X509_set_issuer_name(x, plan->issuer != NULL ? X509_get_subject_name(plan->issuer) : name) == 1;
}

/* --- serial number, validity, key --- */

static bool set_serial_validity_key(X509 *x, const struct ch_certificate_plan *plan)
{
    BIGNUM *serial = BN_bin2bn(plan->serial, CH_SERIAL_BYTES, NULL);
    bool ok = X509_set_version(x, X509_VERSION_3) == 1 && serial != NULL &&
              BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(x)) != NULL &&
              ASN1_TIME_set(X509_getm_notBefore(x), (time_t)plan->not_before) != NULL &&
              ASN1_TIME_set(X509_getm_notAfter(x), (time_t)plan->not_after) != NULL && X509_set_pubkey(x, plan->key) == 1;

    BN_free(serial);
    return ok;
}

int64_t ch_profile_limit(const struct ch_profile *p, int64_t start)
{
    struct tm tm;
    time_t from = (time_t)start;

    gmtime_r(&from, &tm);
    tm.tm_year += p->years;
    /* Years are counted in Beijing time, where 29 February begins on 28 February UTC: hence a day more after years. */
    return (int64_t)timegm(&tm) + (p->years > 0 ? DAY : (int64_t)p->days * DAY);
}

static bool validity_fits(const struct ch_certificate_plan *plan)
{
    return plan->not_before < plan->not_after && plan->not_after <= ch_profile_limit(plan->profile, plan->not_before) &&
           (plan->issuer == NULL || plan->not_after <= ch_cert_end(plan->issuer));
}

/* --- extensions of RFC 5280. They are built from structures: in OpenSSL's textual form a comma or colon in a value would have a
 * meaning --- */

/* Adds an extension from OpenSSL's textual form; `value` is always a constant of this file. */
static bool add_from_text(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, issuer != NULL ? issuer : x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
    bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

uint32_t ch_profile_usage(const char *algorithm, uint32_t usage)
{
    static const struct {
        const char *algorithm;
        uint32_t cannot;
    } limits[] = {{"rsa", KU_KEY_AGREEMENT}, {"p256", KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT}};

    for (size_t i = 0; i < CH_COUNT(limits); i++)
        if (strcmp(limits[i].algorithm, algorithm) == 0)
            usage &= ~limits[i].cannot;
    return usage;
}

static bool add_usage(X509 *x, const struct ch_certificate_plan *plan)
{
    const char *algorithm = ch_alg_of(plan->key);
    uint32_t usage = algorithm != NULL ? ch_profile_usage(algorithm, plan->profile->key_usage) : 0;
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    bool ok = bits != NULL && usage != 0;

    for (int i = 0; ok && i < 8; i++)
        if ((usage & (0x80u >> i)) != 0)
            ok = ASN1_BIT_STRING_set_bit(bits, i, 1) == 1;
    ok = ok && X509_add1_ext_i2d(x, NID_key_usage, bits, 1, X509V3_ADD_DEFAULT) == 1;
    ASN1_BIT_STRING_free(bits);
    return ok;
}

static bool add_extended(X509 *x, const struct ch_profile *p)
{
    if (p->extended[0] == 0)
        return true;
    EXTENDED_KEY_USAGE *list = EXTENDED_KEY_USAGE_new();
    bool ok = list != NULL;

    for (const int *nid = p->extended; ok && *nid != 0; nid++)
        ok = sk_ASN1_OBJECT_push(list, OBJ_nid2obj(*nid)) > 0;
    ok = ok && X509_add1_ext_i2d(x, NID_ext_key_usage, list, 0, X509V3_ADD_DEFAULT) == 1;
    EXTENDED_KEY_USAGE_free(list);
    return ok;
}

char *ch_profile_address(struct ch_arena *a, enum ch_address which, const char *origin, const char *algorithm)
{
    static const char *const endings[] = {[CH_ADDRESS_ISSUER] = ".cer", [CH_ADDRESS_CRL] = ".crl"};

    if (which == CH_ADDRESS_OCSP)
        return ch_printf(a, "%s/ocsp", origin);
    return ch_printf(a, "%s/crl/ca-%s%s", origin, algorithm, endings[which]);
}

static GENERAL_NAME *uri_name(const struct ch_certificate_plan *plan, enum ch_address which)
{
    struct ch_arena *a = ch_arena_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    bool ok = name != NULL && text != NULL &&
              ASN1_STRING_set(text, ch_profile_address(a, which, plan->origin, plan->algorithm), -1) == 1;

    ch_arena_free(a);
    if (!ok) {
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

static bool add_access(X509 *x, const struct ch_certificate_plan *plan)
{
    if (!plan->profile->aia)
        return true;
    AUTHORITY_INFO_ACCESS *list = sk_ACCESS_DESCRIPTION_new_null();
    bool ok = list != NULL && push_access(list, NID_ad_OCSP, uri_name(plan, CH_ADDRESS_OCSP)) &&
              push_access(list, NID_ad_ca_issuers, uri_name(plan, CH_ADDRESS_ISSUER)) &&
              X509_add1_ext_i2d(x, NID_info_access, list, 0, X509V3_ADD_DEFAULT) == 1;

    AUTHORITY_INFO_ACCESS_free(list);
    return ok;
}

/* A distribution point with that address, which it takes over even on failure. */
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

static bool add_crl(X509 *x, const struct ch_certificate_plan *plan)
{
    if (!plan->profile->crl)
        return true;
    CRL_DIST_POINTS *list = CRL_DIST_POINTS_new();
    DIST_POINT *point = distribution_point(uri_name(plan, CH_ADDRESS_CRL));
    bool ok = list != NULL && point != NULL && sk_DIST_POINT_push(list, point) > 0;

    if (!ok)
        DIST_POINT_free(point);
    ok = ok && X509_add1_ext_i2d(x, NID_crl_distribution_points, list, 0, X509V3_ADD_DEFAULT) == 1;
    CRL_DIST_POINTS_free(list);
    return ok;
}

/* The address of the certification practice statement as qualifier. */
static POLICYQUALINFO *cps_qualifier(const char *site)
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
    POLICYQUALINFO *q = cps_qualifier(site);

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

static bool add_policy(X509 *x, const struct ch_certificate_plan *plan)
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

static bool add_standard(X509 *x, const struct ch_certificate_plan *plan)
{
    const struct ch_profile *p = plan->profile;
    const char *constraints = !p->ca                ? "CA:FALSE"
                              : p->path_length == 0 ? "critical,CA:TRUE,pathlen:0"
                                                    : "critical,CA:TRUE";

    return add_from_text(x, NULL, NID_basic_constraints, constraints) && add_usage(x, plan) && add_extended(x, p) &&
           add_from_text(x, plan->issuer, NID_subject_key_identifier, "hash") &&
           /* without "always" an issuer that lacks a key id would silently get an empty extension */
           add_from_text(x, plan->issuer, NID_authority_key_identifier, "keyid:always") &&
           (!p->no_check || add_from_text(x, NULL, NID_id_pkix_OCSP_noCheck, "")) && add_policy(x, plan) &&
           add_access(x, plan) && add_crl(x, plan);
}

/* --- private extensions --- */

/* The tag of the value, and the tag around it, if any: the [0] of a CHOICE in its two forms. */
static const struct form {
    int tag, class, outer; /* outer -1: none */
} forms[] = {
    [CH_PRINTABLE] = {V_ASN1_PRINTABLESTRING, V_ASN1_UNIVERSAL, -1},
    [CH_UTF8] = {V_ASN1_UTF8STRING, V_ASN1_UNIVERSAL, -1},
    [CH_IA5] = {V_ASN1_IA5STRING, V_ASN1_UNIVERSAL, -1},
    [CH_OCTETS] = {V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL, -1},
    [CH_IDENTIFY_EXPLICIT] = {V_ASN1_PRINTABLESTRING, V_ASN1_UNIVERSAL, 0},
    [CH_IDENTIFY_IMPLICIT] = {0, V_ASN1_CONTEXT_SPECIFIC, -1},
};

/* The value in DER, which the caller frees; NULL when memory runs out. */
static unsigned char *encode_value(enum ch_encoding encoding, const void *value, int n, int *size)
{
    const struct form *form = &forms[encoding];
    int inner = ASN1_object_size(0, n, form->tag);
    int all = form->outer < 0 ? inner : ASN1_object_size(1, inner, form->outer);
    unsigned char *der = OPENSSL_malloc((size_t)all), *p = der;

    if (der == NULL)
        return NULL;
    if (form->outer >= 0)
        ASN1_put_object(&p, 1, inner, form->outer, V_ASN1_CONTEXT_SPECIFIC);
    ASN1_put_object(&p, 0, n, form->tag, form->class);
    memcpy(p, value, (size_t)n);
    *size = all;
    return der;
}

/* Adds a private extension, which is not critical. */
static bool add_private(X509 *x, const char *oid, enum ch_encoding encoding, const void *p, size_t n)
{
    int size = 0;
    unsigned char *der = encode_value(encoding, p, (int)n, &size);
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *e = NULL;
    bool ok = der != NULL && object != NULL && value != NULL && ASN1_OCTET_STRING_set(value, der, size) == 1 &&
              (e = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value)) != NULL && X509_add_ext(x, e, -1) == 1;

    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
    OPENSSL_free(der);
    return ok;
}

static bool add_private_values(X509 *x, const struct ch_certificate_plan *plan)
{
    bool ok = true;

    for (const struct ch_private *own = plan->profile->own; ok && own->oid != NULL; own++) {
        const char *text = own->id_hash ? NULL : field_of(&plan->subject, own->field);
        ok = own->id_hash ? add_private(x, own->oid, own->encoding, plan->id_hash, CH_ID_HASH_BYTES)
                          : add_private(x, own->oid, own->encoding, text, strlen(text));
    }
    return ok;
}

/* Characters of a PrintableString and of an IA5String (X.680). */
static bool characters_fit(enum ch_encoding encoding, const char *text)
{
    static const char printable[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?";

    if (encoding == CH_UTF8)
        return true;
    if (encoding != CH_IA5)
        return strspn(text, printable) == strlen(text);
    for (; *text != '\0'; text++)
        if ((signed char)*text < ' ')
            return false;
    return true;
}

static bool private_values_fit(const struct ch_certificate_plan *plan)
{
    for (const struct ch_private *own = plan->profile->own; own->oid != NULL; own++) {
        const char *text = own->id_hash ? NULL : field_of(&plan->subject, own->field);
        if (!own->id_hash && (!text_fits(text, own->longest) || !characters_fit(own->encoding, text)))
            return false;
    }
    return true;
}

static bool is_unit_code(const char *code)
{
    size_t n = strlen(code);
    return n >= 8 && n <= 32 && strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == n;
}

static enum ch_err fill_certificate(X509 *x, const struct ch_certificate_plan *plan, struct ch_fault *f)
{
    const char *kind = plan->profile->kind;

    if (!validity_fits(plan))
        return ch_fault(f, CH_E_INVALID, "profile %s: the validity does not fit", kind);
    if (plan->subject.unit_code != NULL && !is_unit_code(plan->subject.unit_code))
        return ch_fault(f, CH_E_INVALID, "profile %s: no unit code of the known form", kind);
    if (!private_values_fit(plan))
        return ch_fault(f, CH_E_INVALID, "profile %s: private extensions: a value is missing or does not fit", kind);
    if (!names_fit(plan))
        return ch_fault(f, CH_E_INVALID,
                        "profile %s: name: a value is missing, too long, or has characters that no name may have", kind);
    if (!set_names(x, plan))
        return ch_fault(f, CH_E_INVALID, "profile %s: name: %s", kind, ch_openssl_reason());
    if (!set_serial_validity_key(x, plan) || !add_standard(x, plan) || !add_private_values(x, plan))
        return ch_fault(f, CH_E_INTERNAL, "profile %s: %s", kind, ch_openssl_reason());
    return CH_OK;
}

X509 *ch_profile_build(const struct ch_certificate_plan *plan, struct ch_fault *f)
{
    X509 *x = X509_new();

    if (x != NULL && fill_certificate(x, plan, f) == CH_OK)
        return x;
    X509_free(x);
    return NULL;
}
