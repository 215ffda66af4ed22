/* SPDX-License-Identifier: Apache-2.0
 * The rules of the lint: a table at the end names for each rule the function that answers whether a certificate breaks it. */
#include "core/pki/lint.h"

#include "core/base/codec.h"
#include "core/base/text.h"
#include "core/crypto/digest.h"
#include "core/pki/certificate.h"
#include "core/pki/der.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define OWN_SERIAL_BITS 64
#define MOST_SERIAL_BITS 159 /* 20 octets, the first bit is the sign (RFC 5280, 4.1.2.2) */
#define LONGEST_NAME 64
#define ADDRESS 0x86 /* [6] IMPLICIT IA5String: a GeneralName's URI */

/* The certificate as the rules see it. */
struct view {
    struct ch_arena *a;
    const struct ch_lint_case *c;
    X509 *x, *issuer; /* `issuer` of a self-signed certificate is the certificate itself */
    const struct ch_profile *profile;
    struct ch_bytes tbs; /* the signed part, as it came */
};

typedef bool rule(const struct view *v); /* true: broken */

static struct ch_bytes string_bytes(const ASN1_STRING *s)
{
    return CH_BYTES(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

/* --- the frame --- */

static bool reencodes_differently(const struct view *v)
{
    unsigned char *der = NULL;
    int n = i2d_re_X509_tbs(v->x, &der);
    bool differs = n <= 0 || !ch_same(v->tbs, CH_BYTES(der, (size_t)n));

    OPENSSL_free(der);
    return differs;
}

static bool wrong_version(const struct view *v)
{
    return X509_get_version(v->x) != X509_VERSION_3;
}

static bool wrong_serial(const struct view *v)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(v->x);
    BIGNUM *n = ASN1_INTEGER_to_BN(serial, NULL);
    bool wrong = n == NULL || BN_is_zero(n) || BN_is_negative(n) ||
                 BN_num_bits(n) > (v->profile != NULL ? OWN_SERIAL_BITS : MOST_SERIAL_BITS);

    BN_free(n);
    return wrong;
}

static bool has_unique_ids(const struct view *v)
{
    const ASN1_BIT_STRING *issuer, *subject;

    X509_get0_uids(v->x, &issuer, &subject);
    return issuer != NULL || subject != NULL;
}

/* --- names --- */

static bool wrong_issuer_name(const struct view *v)
{
    return X509_NAME_cmp(X509_get_issuer_name(v->x), X509_get_subject_name(v->issuer)) != 0;
}

static const X509_NAME_ENTRY *name_entry(const struct view *v, int i)
{
    return X509_NAME_get_entry(X509_get_subject_name(v->x), i);
}

static int name_entries(const struct view *v)
{
    return X509_NAME_entry_count(X509_get_subject_name(v->x));
}

/* The name must have the profile's attributes in the profile's order, one in each RDN, and its constant values. */
static bool wrong_name(const struct view *v)
{
    int n = 0;

    if (v->profile == NULL)
        return name_entries(v) == 0;
    for (const struct ch_name_part *part = v->profile->name; part->attribute != 0; part++, n++) {
        const X509_NAME_ENTRY *e = name_entry(v, n);
        if (e == NULL || OBJ_obj2nid(X509_NAME_ENTRY_get_object(e)) != part->attribute || X509_NAME_ENTRY_set(e) != n)
            return true;
        if (part->text != NULL &&
            !ch_same(string_bytes(X509_NAME_ENTRY_get_data(e)), CH_BYTES(part->text, strlen(part->text))))
            return true;
    }
    return n != name_entries(v);
}

/* RFC 5280, 4.1.2.4 and appendix A: country and serial number are PrintableStrings, the other attributes UTF8Strings. */
static bool wrong_name_encoding(const struct view *v)
{
    for (int i = 0; v->profile != NULL && i < name_entries(v); i++) {
        int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(name_entry(v, i)));
        bool printable = nid == NID_countryName || nid == NID_serialNumber;
        if (ASN1_STRING_type(X509_NAME_ENTRY_get_data(name_entry(v, i))) !=
            (printable ? V_ASN1_PRINTABLESTRING : V_ASN1_UTF8STRING))
            return true;
    }
    return false;
}

static int longest_of(const struct view *v, int i)
{
    int n = 0;

    for (const struct ch_name_part *part = v->profile->name; part->attribute != 0; part++, n++)
        if (n == i && part->longest > 0)
            return part->longest;
    return LONGEST_NAME;
}

/* The number of characters, whatever the string's type; -1 when it is not text. */
static int count_characters(const ASN1_STRING *s)
{
    unsigned char *utf8 = NULL;
    size_t points;
    int n = ASN1_STRING_to_UTF8(&utf8, s);
    int result = n > 0 && ch_utf8((char *)utf8, (size_t)n, &points) ? (int)points : -1;

    OPENSSL_free(utf8);
    return result;
}

static bool wrong_name_length(const struct view *v)
{
    for (int i = 0; v->profile != NULL && i < name_entries(v); i++) {
        int n = count_characters(X509_NAME_ENTRY_get_data(name_entry(v, i)));
        if (n < 1 || n > longest_of(v, i))
            return true;
    }
    return false;
}

/* Whether nothing is hidden in the text: no invisible character, none that changes the direction, none of a foreign script. */
static bool is_plain(struct ch_arena *a, const ASN1_STRING *s)
{
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, s);
    bool plain = n >= 0 && memchr(utf8, '\0', (size_t)n) == NULL && ch_text_clean(ch_strndup(a, utf8, (size_t)n));

    OPENSSL_free(utf8);
    return plain;
}

static bool wrong_name_characters(const struct view *v)
{
    for (int i = 0; v->profile != NULL && i < name_entries(v); i++)
        if (!is_plain(v->a, X509_NAME_ENTRY_get_data(name_entry(v, i))))
            return true;
    return false;
}

/* --- validity --- */

/* UTCTime up to 2049, GeneralizedTime from 2050, to the second, in UTC (RFC 5280, 4.1.2.5). */
static bool wrong_time(const ASN1_TIME *moment)
{
    struct tm tm;
    int type = ASN1_STRING_type(moment), n = ASN1_STRING_length(moment);

    if (ASN1_TIME_to_tm(moment, &tm) != 1 || ASN1_STRING_get0_data(moment)[n - 1] != 'Z')
        return true;
    return type != (tm.tm_year < 150 ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME) || n != (type == V_ASN1_UTCTIME ? 13 : 15);
}

static bool wrong_times(const struct view *v)
{
    return wrong_time(X509_get0_notBefore(v->x)) || wrong_time(X509_get0_notAfter(v->x)) ||
           ch_cert_start(v->x) >= ch_cert_end(v->x);
}

static bool too_long_for_profile(const struct view *v)
{
    return v->profile != NULL && ch_cert_end(v->x) > ch_profile_limit(v->profile, ch_cert_start(v->x));
}

static bool outside_of_issuer(const struct view *v)
{
    return ch_cert_start(v->x) < ch_cert_start(v->issuer) || ch_cert_end(v->x) > ch_cert_end(v->issuer);
}

/* --- key --- */

static const char *algorithm_of(const X509 *x)
{
    return ch_alg_of(X509_get0_pubkey(x));
}

static bool wrong_key(const struct view *v)
{
    const EVP_PKEY *key = X509_get0_pubkey(v->x);
    BIGNUM *e = NULL;

    if (algorithm_of(v->x) == NULL)
        return true;
    bool weak_exponent =
        EVP_PKEY_is_a(key, "RSA") && (EVP_PKEY_get_bn_param(key, "e", &e) != 1 || !BN_is_odd(e) || BN_num_bits(e) < 17);
    BN_free(e);
    return weak_exponent;
}

/* The form of a public key for each algorithm: the OID of its kind and that of its curve; RSA has NULL parameters instead (RFC
 * 3279, RFC 5480, GM/T 0015). */
static const struct written {
    const char *algorithm, *kind, *curve;
} written[] = {
    {"sm2", "1.2.840.10045.2.1", "1.2.156.10197.1.301"},
    {"p256", "1.2.840.10045.2.1", "1.2.840.10045.3.1.7"},
    {"rsa", "1.2.840.113549.1.1.1", NULL},
};

static bool is_oid(const ASN1_OBJECT *o, const char *oid)
{
    char text[80];

    OBJ_obj2txt(text, sizeof text, o, 1);
    return strcmp(text, oid) == 0;
}

static bool written_as(const X509 *x, const struct written *w)
{
    ASN1_OBJECT *kind;
    const unsigned char *bits;
    X509_ALGOR *algorithm;
    const void *value;
    int n, type;

    X509_PUBKEY_get0_param(&kind, &bits, &n, &algorithm, X509_get_X509_PUBKEY(x));
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    if (!is_oid(kind, w->kind))
        return false;
    if (w->curve == NULL)
        return type == V_ASN1_NULL;
    return type == V_ASN1_OBJECT && is_oid(value, w->curve) && n == 65 && bits[0] == 4; /* an uncompressed point */
}

static bool wrong_key_form(const struct view *v)
{
    const char *algorithm = algorithm_of(v->x);

    for (size_t i = 0; algorithm != NULL && i < CH_COUNT(written); i++)
        if (strcmp(written[i].algorithm, algorithm) == 0)
            return !written_as(v->x, &written[i]);
    return false; /* an unknown algorithm breaks another rule */
}

static bool other_algorithm(const struct view *v)
{
    const char *own = algorithm_of(v->x), *issuer = algorithm_of(v->issuer);

    return v->profile != NULL && own != NULL && (issuer == NULL || strcmp(own, issuer) != 0);
}

/* --- signature --- */

static bool wrong_signature_algorithm(const struct view *v)
{
    const X509_ALGOR *outer, *inner = X509_get0_tbs_sigalg(v->x);
    X509_ALGOR *wanted = X509_ALGOR_new();

    X509_get0_signature(NULL, &outer, v->x);
    bool wrong = wanted == NULL || !ch_alg_enter(wanted, X509_get0_pubkey(v->issuer)) ||
                 X509_ALGOR_cmp(inner, wanted) != 0 || X509_ALGOR_cmp(outer, wanted) != 0;
    X509_ALGOR_free(wanted);
    return wrong;
}

/* Verifies with the issuer's key, whatever algorithm the certificate names; that has a rule of its own. */
static bool wrong_signature(const struct view *v)
{
    const ASN1_BIT_STRING *signature;
    EVP_PKEY *key = X509_get0_pubkey(v->issuer);

    X509_get0_signature(&signature, NULL, v->x);
    return (signature->flags & 7) != 0 || key == NULL || !ch_verify(key, NULL, v->tbs, string_bytes(signature));
}

/* --- extensions: each has exactly one right encoding, which is built here and compared --- */

static const X509_EXTENSION *find_extension(const struct view *v, const char *oid)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    int at = X509_get_ext_by_OBJ(v->x, o, -1);

    ASN1_OBJECT_free(o);
    return at >= 0 ? X509_get_ext(v->x, at) : NULL;
}

/* True unless the extension has exactly these bytes; `wanted` with p NULL: unless it is absent. */
static bool extension_differs(const struct view *v, const char *oid, bool critical, struct ch_bytes wanted)
{
    const X509_EXTENSION *e = find_extension(v, oid);

    if (e == NULL || wanted.p == NULL)
        return (e == NULL) != (wanted.p == NULL);
    return (X509_EXTENSION_get_critical(e) != 0) != critical ||
           !ch_same(string_bytes(X509_EXTENSION_get_data((X509_EXTENSION *)(uintptr_t)e)), wanted);
}

static struct ch_bytes put_oid(struct ch_arena *a, const char *oid)
{
    ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
    struct ch_bytes der = ch_der_put(a, CH_DER_OID, CH_BYTES(OBJ_get0_data(o), OBJ_length(o)));

    ASN1_OBJECT_free(o);
    return der;
}

static const struct ch_bytes absent = {NULL, 0};

static bool wrong_subject_key_id(const struct view *v)
{
    unsigned char sha1[EVP_MAX_MD_SIZE];
    unsigned int n = 0;

    if (v->profile == NULL)
        return false;
    return X509_pubkey_digest(v->x, EVP_sha1(), sha1, &n) != 1 || /* RFC 5280, 4.2.1.2, method 1 */
           extension_differs(v, "2.5.29.14", false, ch_der_put(v->a, CH_DER_OCTETS, CH_BYTES(sha1, n)));
}

static bool wrong_authority_key_id(const struct view *v)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(v->issuer);

    if (v->profile == NULL)
        return false;
    return id == NULL || extension_differs(v, "2.5.29.35", false,
                                           CH_DER_JOIN(v->a, CH_DER_SEQUENCE, ch_der_put(v->a, 0x80, string_bytes(id))));
}

/* A BIT STRING without trailing zero bits, as DER requires for a list of named bits (X.690, 11.2.2). */
static struct ch_bytes usage_bits(struct ch_arena *a, uint32_t usage)
{
    unsigned char bits[2] = {0, (unsigned char)usage};

    while (usage != 0 && (bits[1] >> bits[0] & 1) == 0)
        bits[0]++;
    return ch_der_put(a, CH_DER_BITS, ch_bytes_dup(a, CH_BYTES(bits, 2)));
}

static bool wrong_key_usage(const struct view *v)
{
    const char *algorithm = algorithm_of(v->x);

    if (v->profile == NULL || algorithm == NULL)
        return false;
    return extension_differs(v, "2.5.29.15", true, usage_bits(v->a, ch_profile_usage(algorithm, v->profile->key_usage)));
}

static bool wrong_extended_usage(const struct view *v)
{
    struct ch_bytes list[CH_PROFILE_PARTS];
    size_t n = 0;
    char oid[80];

    if (v->profile == NULL)
        return false;
    for (; v->profile->extended[n] != 0; n++) {
        OBJ_obj2txt(oid, sizeof oid, OBJ_nid2obj(v->profile->extended[n]), 1);
        list[n] = put_oid(v->a, oid);
    }
    return extension_differs(v, "2.5.29.37", false, n == 0 ? absent : ch_der_wrap(v->a, CH_DER_SEQUENCE, list, n));
}

static bool wrong_constraints(const struct view *v)
{
    static const unsigned char leaf[] = {0x30, 0}, ca[] = {0x30, 3, 1, 1, 0xff},
                               last[] = {0x30, 6, 1, 1, 0xff, 2, 1, 0};

    if (v->profile == NULL)
        return false;
    if (!v->profile->ca)
        return extension_differs(v, "2.5.29.19", false, CH_BYTES(leaf, sizeof leaf));
    return extension_differs(v, "2.5.29.19", true,
                             v->profile->path_length == 0 ? CH_BYTES(last, sizeof last) : CH_BYTES(ca, sizeof ca));
}

static bool wrong_policy(const struct view *v)
{
    struct ch_arena *a = v->a;

    if (v->profile == NULL)
        return false;
    if (v->profile->policy == NULL)
        return extension_differs(v, "2.5.29.32", false, absent);
    struct ch_bytes cps =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, put_oid(a, "1.3.6.1.5.5.7.2.1"), ch_der_put_text(a, CH_DER_IA5, v->c->site));
    struct ch_bytes info =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, put_oid(a, v->profile->policy), CH_DER_JOIN(a, CH_DER_SEQUENCE, cps));
    return extension_differs(v, "2.5.29.32", false, CH_DER_JOIN(a, CH_DER_SEQUENCE, info));
}

static struct ch_bytes put_address(const struct view *v, enum ch_address which)
{
    return ch_der_put_text(v->a, ADDRESS, ch_profile_address(v->a, which, v->c->origin, v->c->algorithm));
}

static bool wrong_access(const struct view *v)
{
    struct ch_arena *a = v->a;

    if (v->profile == NULL)
        return false;
    if (!v->profile->aia)
        return extension_differs(v, "1.3.6.1.5.5.7.1.1", false, absent);
    struct ch_bytes status =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, put_oid(a, "1.3.6.1.5.5.7.48.1"), put_address(v, CH_ADDRESS_OCSP));
    struct ch_bytes issuer =
        CH_DER_JOIN(a, CH_DER_SEQUENCE, put_oid(a, "1.3.6.1.5.5.7.48.2"), put_address(v, CH_ADDRESS_ISSUER));
    return extension_differs(v, "1.3.6.1.5.5.7.1.1", false, CH_DER_JOIN(a, CH_DER_SEQUENCE, status, issuer));
}

static bool wrong_list_address(const struct view *v)
{
    struct ch_arena *a = v->a;

    if (v->profile == NULL)
        return false;
    if (!v->profile->crl)
        return extension_differs(v, "2.5.29.31", false, absent);
    struct ch_bytes name = CH_DER_JOIN(a, CH_DER_CONTEXT(0), put_address(v, CH_ADDRESS_CRL));
    struct ch_bytes point = CH_DER_JOIN(a, CH_DER_SEQUENCE, CH_DER_JOIN(a, CH_DER_CONTEXT(0), name));
    return extension_differs(v, "2.5.29.31", false, CH_DER_JOIN(a, CH_DER_SEQUENCE, point));
}

static bool wrong_no_check(const struct view *v)
{
    static const unsigned char null[] = {5, 0};

    if (v->profile == NULL)
        return false;
    return extension_differs(v, "1.3.6.1.5.5.7.48.1.5", false, v->profile->no_check ? CH_BYTES(null, sizeof null) : absent);
}

/* --- private extensions: the profile gives their form, the order their content --- */

static const int own_tags[] = {
    [CH_PRINTABLE] = CH_DER_PRINTABLE,
    [CH_UTF8] = CH_DER_UTF8,
    [CH_IA5] = CH_DER_IA5,
    [CH_OCTETS] = CH_DER_OCTETS,
    [CH_IDENTIFY_EXPLICIT] = CH_DER_PRINTABLE,
    [CH_IDENTIFY_IMPLICIT] = 0x80,
};

/* The content of a private extension; *bad unless it is one element with that encoding. */
static struct ch_bytes own_content(const X509_EXTENSION *e, enum ch_encoding encoding, bool *bad)
{
    struct ch_der d = ch_der_open(string_bytes(X509_EXTENSION_get_data((X509_EXTENSION *)(uintptr_t)e)));
    struct ch_der inner = encoding == CH_IDENTIFY_EXPLICIT ? ch_der_enter(&d, CH_DER_CONTEXT(0)) : d;
    struct ch_bytes content = ch_der_take(&inner, own_tags[encoding]);

    *bad = !ch_der_done(&inner) || (encoding == CH_IDENTIFY_EXPLICIT && !ch_der_done(&d));
    return content;
}

static bool wrong_text(struct ch_arena *a, const struct ch_private *own, struct ch_bytes text)
{
    size_t points;

    if (!ch_utf8((const char *)text.p, text.n, &points) || points < 1 || points > (size_t)own->longest ||
        !ch_text_clean(ch_strndup(a, text.p, text.n)))
        return true;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = text.p[i];
        bool printable = c < 0x80 && ASN1_PRINTABLE_type(&c, 1) == V_ASN1_PRINTABLESTRING;
        if (c < ' ' || (own->encoding == CH_IA5 && c > '~') ||
            (own->encoding != CH_IA5 && own->encoding != CH_UTF8 && !printable))
            return true;
    }
    return false;
}

static bool wrong_own(const struct view *v, const struct ch_private *own)
{
    const X509_EXTENSION *e = find_extension(v, own->oid);
    bool bad = true;

    if (e == NULL || X509_EXTENSION_get_critical(e))
        return true;
    struct ch_bytes content = own_content(e, own->encoding, &bad);
    return bad || (own->id_hash ? content.n != CH_ID_HASH_BYTES : wrong_text(v->a, own, content));
}

static bool wrong_private(const struct view *v)
{
    for (const struct ch_private *own = v->profile != NULL ? v->profile->own : NULL; own != NULL && own->oid != NULL; own++)
        if (wrong_own(v, own))
            return true;
    return false;
}

static bool is_known(const struct view *v, const ASN1_OBJECT *o)
{
    static const char *const known[] = {"2.5.29.14", "2.5.29.15",         "2.5.29.19",
                                        "2.5.29.31", "2.5.29.32",         "2.5.29.35",
                                        "2.5.29.37", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1.5"};

    for (size_t i = 0; i < CH_COUNT(known); i++)
        if (is_oid(o, known[i]))
            return true;
    for (const struct ch_private *own = v->profile->own; own->oid != NULL; own++)
        if (is_oid(o, own->oid))
            return true;
    return false;
}

static bool has_unknown(const struct view *v)
{
    for (int i = 0; v->profile != NULL && i < X509_get_ext_count(v->x); i++)
        if (!is_known(v, X509_EXTENSION_get_object(X509_get_ext(v->x, i))))
            return true;
    return false;
}

static bool has_twice(const struct view *v)
{
    for (int i = 0; i < X509_get_ext_count(v->x); i++)
        if (X509_get_ext_by_OBJ(v->x, X509_EXTENSION_get_object(X509_get_ext(v->x, i)), i) >= 0)
            return true;
    return false;
}

/* --- the table --- */

#define UNREADABLE 0

static const struct {
    struct ch_lint_rule rule;
    rule *broken;
} rules[] = {
    [UNREADABLE] = {{"readable", "这些字节不是一张证书。"}, NULL},
    {{"der", "重新编码得到的字节不同，证书没有采用 DER 编码。"}, reencodes_differently},
    {{"version", "版本不是 v3。"}, wrong_version},
    {{"serial", "序列号不是正数，或超过规定长度。"}, wrong_serial},
    {{"unique_id", "含有签发者或主体的唯一标识符，RFC 5280 不允许使用。"}, has_unique_ids},
    {{"issuer_name", "签发者名称与签发证书的主体不同。"}, wrong_issuer_name},
    {{"name", "主体名称的各项或次序与证书模板不同。"}, wrong_name},
    {{"name_encoding", "主体名称使用了不该使用的字符串类型。"}, wrong_name_encoding},
    {{"name_length", "主体名称中有一项为空、过长或不是文字。"}, wrong_name_length},
    {{"name_characters", "主体名称中有看不见的、改变文字方向的或其他不该使用的字符。"}, wrong_name_characters},
    {{"times", "有效期的起止时间写法不对，或止于开始之前。"}, wrong_times},
    {{"validity", "有效期比证书模板允许的长。"}, too_long_for_profile},
    {{"issuer_validity", "有效期超出签发证书的有效期。"}, outside_of_issuer},
    {{"key", "公钥的算法、曲线或长度不在允许范围内。"}, wrong_key},
    {{"key_form", "公钥的算法标识或参数写法不对。"}, wrong_key_form},
    {{"key_algorithm", "公钥算法与签发机构的不同。"}, other_algorithm},
    {{"signature_algorithm", "签名算法标识与签发机构的密钥不符。"}, wrong_signature_algorithm},
    {{"signature", "签名不是签发机构的。"}, wrong_signature},
    {{"subject_key_id", "主体密钥标识符缺失，或不是由公钥算出的。"}, wrong_subject_key_id},
    {{"authority_key_id", "签发者密钥标识符缺失，或与签发证书不符。"}, wrong_authority_key_id},
    {{"key_usage", "密钥用法缺失、未标为关键，或与证书模板不同。"}, wrong_key_usage},
    {{"extended_usage", "扩展密钥用法与证书模板不同。"}, wrong_extended_usage},
    {{"constraints", "基本限制与证书模板不同。"}, wrong_constraints},
    {{"policy", "证书策略或业务规则地址与证书模板不同。"}, wrong_policy},
    {{"access", "状态查询或签发证书的地址与设置不同。"}, wrong_access},
    {{"list_address", "吊销列表的地址与设置不同。"}, wrong_list_address},
    {{"no_check", "OCSP 免检标志与证书模板不同。"}, wrong_no_check},
    {{"private", "自定义扩展缺失，或编码、内容与证书模板不同。"}, wrong_private},
    {{"unknown_extension", "含有证书模板中没有的扩展。"}, has_unknown},
    {{"extension_twice", "同一个扩展出现了两次。"}, has_twice},
};

size_t ch_lint(struct ch_arena *a, const struct ch_lint_case *c, const struct ch_lint_rule ***broken)
{
    struct ch_der whole = ch_der_open(c->der), parts = ch_der_enter(&whole, CH_DER_SEQUENCE);
    struct view v = {.a = a, .c = c, .x = ch_cert_read(c->der), .profile = c->profile};
    size_t n = 0;

    v.issuer = c->issuer != NULL ? c->issuer : v.x;
    v.tbs = ch_der_whole(&parts, CH_DER_SEQUENCE);
    *broken = ch_alloc_array(a, CH_COUNT(rules), sizeof **broken); /* NOLINT(bugprone-sizeof-expression): of pointers to rules */
    if (v.x == NULL || v.tbs.n == 0)
        (*broken)[n++] = &rules[UNREADABLE].rule;
    else
        for (size_t i = UNREADABLE + 1; i < CH_COUNT(rules); i++)
            if (rules[i].broken(&v))
                (*broken)[n++] = &rules[i].rule;
    X509_free(v.x);
    ERR_clear_error();
    return n;
}

const struct ch_lint_rule *ch_lint_rule_at(size_t i)
{
    return i < CH_COUNT(rules) ? &rules[i].rule : NULL;
}

const struct ch_lint_rule *ch_lint_rule_find(const char *name)
{
    for (size_t i = 0; i < CH_COUNT(rules); i++)
        if (strcmp(rules[i].rule.name, name) == 0)
            return &rules[i].rule;
    return NULL;
}
