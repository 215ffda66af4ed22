/* SPDX-License-Identifier: Apache-2.0
 * Writes the content of a certificate as JSON for people. */
#include "core/pki/words.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"
#include "core/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY 86400
#define HEX_MOST 64 /* bytes shown of an unknown extension */

struct word {
    int nid;
    const char *word;
};

/* The word for a NID, or NULL. */
static const char *word_of(const struct word *table, size_t n, int nid)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].nid == nid)
            return table[i].word;
    return NULL;
}
#define WORD_OF(table, nid) word_of((table), CH_COUNT(table), (nid))

static char *oid_text(struct ch_arena *a, const ASN1_OBJECT *o)
{
    char text[128];
    int n = OBJ_obj2txt(text, sizeof text, o, 1);

    return ch_strndup(a, text, n > 0 && n < (int)sizeof text ? (size_t)n : 0);
}

/* A string of any type as UTF-8, or in hex when it is not text or has control characters. */
static char *string_text(struct ch_arena *a, const ASN1_STRING *s)
{
    unsigned char *utf8 = NULL;
    int n = ASN1_STRING_to_UTF8(&utf8, s);
    size_t points;
    bool plain = n >= 0 && ch_utf8((const char *)utf8, (size_t)n, &points);

    for (int i = 0; plain && i < n; i++)
        plain = utf8[i] >= ' ' && utf8[i] != 0x7f;
    char *text = plain ? ch_strndup(a, utf8, (size_t)n)
                       : ch_hex(a, CH_BYTES(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)));
    OPENSSL_free(utf8);
    return text;
}

/* ---- names ---- */

static const struct word attributes[] = {
    {NID_countryName, "国家"},      {NID_stateOrProvinceName, "省份"},          {NID_localityName, "城市"},
    {NID_organizationName, "单位"}, {NID_organizationalUnitName, "部门或业务"}, {NID_commonName, "名称"},
    {NID_serialNumber, "编号"},     {NID_pkcs9_emailAddress, "电子邮箱"},
};

static void put_name(struct ch_arena *a, struct ch_jw *w, const char *key, const X509_NAME *name)
{
    ch_jw_array(w, key);
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        const X509_NAME_ENTRY *e = X509_NAME_get_entry(name, i);
        int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(e));
        const char *label = WORD_OF(attributes, nid);
        const char *attribute = nid != NID_undef ? OBJ_nid2sn(nid) : oid_text(a, X509_NAME_ENTRY_get_object(e));

        ch_jw_object(w, NULL);
        ch_jw_text(w, "label", label != NULL ? label : attribute);
        ch_jw_text(w, "attribute", attribute);
        ch_jw_text(w, "value", string_text(a, X509_NAME_ENTRY_get_data(e)));
        ch_jw_end_object(w);
    }
    ch_jw_end_array(w);
}

/* ---- key, signature, usage ---- */

static const char *key_text(struct ch_arena *a, X509 *cert)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    const char *alg = ch_alg_of(key);

    if (key == NULL)
        return "未知";
    if (alg != NULL && strcmp(alg, "p256") == 0)
        return "ECC P-256";
    const char *kind = alg != NULL && strcmp(alg, "sm2") == 0 ? "SM2" : EVP_PKEY_get0_type_name(key);
    return ch_printf(a, "%s %d 位", kind != NULL ? kind : "未知算法", EVP_PKEY_get_bits(key));
}

static const char *signature_text(X509 *cert)
{
    static const struct word known[] = {
        {NID_SM2_with_SM3, "SM3withSM2"},
        {NID_sha256WithRSAEncryption, "SHA256withRSA"},
        {NID_ecdsa_with_SHA256, "SHA256withECDSA"},
    };
    int nid = X509_get_signature_nid(cert);
    const char *word = WORD_OF(known, nid);

    return word != NULL ? word : nid != NID_undef ? OBJ_nid2ln(nid) : "未知";
}

static const struct {
    uint32_t bit;
    const char *word;
} usages[] = {
    {KU_DIGITAL_SIGNATURE, "数字签名"}, {KU_NON_REPUDIATION, "抗抵赖"}, {KU_KEY_ENCIPHERMENT, "密钥加密"},
    {KU_DATA_ENCIPHERMENT, "数据加密"}, {KU_KEY_AGREEMENT, "密钥协商"}, {KU_KEY_CERT_SIGN, "签发证书"},
    {KU_CRL_SIGN, "签发吊销列表"},      {KU_ENCIPHER_ONLY, "仅加密"},   {KU_DECIPHER_ONLY, "仅解密"},
};

static const struct word extended_usages[] = {
    {NID_client_auth, "客户端身份验证"}, {NID_server_auth, "服务器身份验证"}, {NID_email_protect, "安全电子邮件"},
    {NID_code_sign, "代码签名"},         {NID_time_stamp, "时间戳"},          {NID_OCSP_sign, "证书状态签名"},
};

/* A list of words, written as JSON and joined to a line of text. */
struct words {
    struct ch_arena *a;
    struct ch_jw *w; /* NULL: only the line is made */
    struct ch_buf line;
};

static void add_word(struct words *out, const char *word)
{
    if (out->w != NULL)
        ch_jw_text(out->w, NULL, word);
    ch_buf_puts(&out->line, out->line.n > 0 ? "、" : "");
    ch_buf_puts(&out->line, word);
}

static void add_usages(struct words *out, X509 *cert)
{
    uint32_t bits = X509_get_key_usage(cert); /* all bits when there is no such extension */

    for (size_t i = 0; bits != UINT32_MAX && i < CH_COUNT(usages); i++)
        if ((bits & usages[i].bit) != 0)
            add_word(out, usages[i].word);
}

static void add_extended(struct words *out, X509 *cert)
{
    EXTENDED_KEY_USAGE *list = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);

    for (int i = 0; i < sk_ASN1_OBJECT_num(list); i++) {
        const ASN1_OBJECT *o = sk_ASN1_OBJECT_value(list, i);
        const char *word = WORD_OF(extended_usages, OBJ_obj2nid(o));
        add_word(out, word != NULL ? word : oid_text(out->a, o));
    }
    EXTENDED_KEY_USAGE_free(list);
}

typedef void list_words(struct words *out, X509 *cert);

static void put_list(struct ch_arena *a, struct ch_jw *w, const char *key, list_words *list, X509 *cert)
{
    struct words out = {.a = a, .w = w};

    ch_buf_init(&out.line, a);
    ch_jw_array(w, key);
    list(&out, cert);
    ch_jw_end_array(w);
}

/* ---- extensions ---- */

static void tell_constraints(struct words *out, X509 *cert)
{
    long path = X509_get_pathlen(cert);

    if ((X509_get_extension_flags(cert) & EXFLAG_CA) == 0)
        add_word(out, "最终用户证书，不能再签发证书");
    else
        add_word(out, path >= 0 ? ch_printf(out->a, "签发机构证书，其下最多还有 %ld 级签发机构", path) : "签发机构证书");
}

static void add_hex(struct words *out, const ASN1_OCTET_STRING *s)
{
    if (s != NULL)
        add_word(out, ch_hex(out->a, CH_BYTES(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s))));
}

static void tell_subject_key(struct words *out, X509 *cert)
{
    add_hex(out, X509_get0_subject_key_id(cert));
}

static void tell_issuer_key(struct words *out, X509 *cert)
{
    add_hex(out, X509_get0_authority_key_id(cert));
}

static void add_address(struct words *out, const char *label, const GENERAL_NAME *name)
{
    if (name != NULL && name->type == GEN_URI)
        add_word(out, ch_printf(out->a, "%s%s", label, string_text(out->a, name->d.uniformResourceIdentifier)));
}

static void tell_access(struct words *out, X509 *cert)
{
    AUTHORITY_INFO_ACCESS *list = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);

    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(list); i++) {
        const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(list, i);
        int nid = OBJ_obj2nid(d->method);
        add_address(out,
                    nid == NID_ad_OCSP         ? "状态查询 "
                    : nid == NID_ad_ca_issuers ? "签发机构证书 "
                                               : "",
                    d->location);
    }
    AUTHORITY_INFO_ACCESS_free(list);
}

static void tell_lists(struct words *out, X509 *cert)
{
    CRL_DIST_POINTS *list = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);

    for (int i = 0; i < sk_DIST_POINT_num(list); i++) {
        const DIST_POINT_NAME *p = sk_DIST_POINT_value(list, i)->distpoint;
        GENERAL_NAMES *names = p != NULL && p->type == 0 ? p->name.fullname : NULL;
        for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
            add_address(out, "", sk_GENERAL_NAME_value(names, k));
    }
    CRL_DIST_POINTS_free(list);
}

static void tell_policies(struct words *out, X509 *cert)
{
    CERTIFICATEPOLICIES *list = X509_get_ext_d2i(cert, NID_certificate_policies, NULL, NULL);

    for (int i = 0; i < sk_POLICYINFO_num(list); i++) {
        const POLICYINFO *p = sk_POLICYINFO_value(list, i);
        add_word(out, oid_text(out->a, p->policyid));
        for (int k = 0; k < sk_POLICYQUALINFO_num(p->qualifiers); k++) {
            const POLICYQUALINFO *q = sk_POLICYQUALINFO_value(p->qualifiers, k);
            if (OBJ_obj2nid(q->pqualid) == NID_id_qt_cps)
                add_word(out, ch_printf(out->a, "业务规则 %s", string_text(out->a, q->d.cpsuri)));
        }
    }
    CERTIFICATEPOLICIES_free(list);
}

static void tell_no_check(struct words *out, X509 *cert)
{
    (void)cert;
    add_word(out, "使用这张证书时不再查询它自身的状态");
}

static const struct {
    const char *oid, *name;
    list_words *tell; /* NULL: the value is shown as it is */
} extensions[] = {
    {"2.5.29.19", "基本约束", tell_constraints},           {"2.5.29.15", "密钥用法", add_usages},
    {"2.5.29.37", "增强密钥用法", add_extended},           {"2.5.29.14", "主体密钥标识符", tell_subject_key},
    {"2.5.29.35", "签发机构密钥标识符", tell_issuer_key},  {"2.5.29.32", "证书策略", tell_policies},
    {"2.5.29.31", "吊销列表发布地址", tell_lists},         {"1.3.6.1.5.5.7.1.1", "签发机构信息", tell_access},
    {"1.3.6.1.5.5.7.48.1.5", "不查询状态", tell_no_check}, {"1.2.156.10260.4.1.1", "个人身份标识", NULL},
    {"1.2.156.10260.4.1.2", "社会保险号", NULL},           {"1.2.156.10260.4.1.3", "企业工商注册号", NULL},
    {"1.2.156.10260.4.1.4", "统一社会信用代码", NULL},     {"1.2.156.10260.4.1.5", "企业税号", NULL},
};

/* The value of an extension that is not explained: its text if it is a string, otherwise hex. */
static char *value_text(struct ch_arena *a, const ASN1_OCTET_STRING *value)
{
    const unsigned char *p = ASN1_STRING_get0_data(value), *begin = p;
    long n = ASN1_STRING_length(value);
    ASN1_TYPE *t = d2i_ASN1_TYPE(NULL, &p, n);
    bool whole = t != NULL && p == begin + n;
    char *text = NULL;

    if (whole && (t->type == V_ASN1_UTF8STRING || t->type == V_ASN1_PRINTABLESTRING || t->type == V_ASN1_IA5STRING))
        text = string_text(a, t->value.asn1_string);
    else if (whole && t->type == V_ASN1_OCTET_STRING && ASN1_STRING_length(t->value.octet_string) <= HEX_MOST)
        text = ch_hex(a, CH_BYTES(ASN1_STRING_get0_data(t->value.octet_string),
                                  (size_t)ASN1_STRING_length(t->value.octet_string)));
    else
        text = ch_printf(a, "%s%s", ch_hex(a, CH_BYTES(begin, (size_t)(n < HEX_MOST ? n : HEX_MOST))),
                         n > HEX_MOST ? "…" : "");
    ASN1_TYPE_free(t);
    return text;
}

static void put_extension(struct ch_arena *a, struct ch_jw *w, X509 *cert, X509_EXTENSION *e)
{
    const char *oid = oid_text(a, X509_EXTENSION_get_object(e)), *name = ch_printf(a, "扩展项 %s", oid);
    struct words out = {.a = a};
    list_words *tell = NULL;

    for (size_t i = 0; i < CH_COUNT(extensions); i++)
        if (strcmp(extensions[i].oid, oid) == 0) {
            name = extensions[i].name;
            tell = extensions[i].tell;
        }
    ch_buf_init(&out.line, a);
    if (tell != NULL)
        tell(&out, cert);
    ch_jw_object(w, NULL);
    ch_jw_text(w, "name", name);
    ch_jw_text(w, "oid", oid);
    ch_jw_bool(w, "critical", X509_EXTENSION_get_critical(e) == 1);
    ch_jw_text(w, "text", out.line.n > 0 ? out.line.p : value_text(a, X509_EXTENSION_get_data(e)));
    ch_jw_end_object(w);
}

/* ---- the whole ---- */

static int64_t days_until(int64_t end, int64_t now)
{
    int64_t left = end - now;
    return left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY);
}

void ch_cert_words(struct ch_arena *a, struct ch_jw *w, const char *key, X509 *cert, int64_t now)
{
    struct ch_bytes der = ch_cert_der(a, cert);
    unsigned char sm3[CH_SM3_BYTES];

    ch_jw_object(w, key);
    put_name(a, w, "subject", X509_get_subject_name(cert));
    put_name(a, w, "issuer", X509_get_issuer_name(cert));
    ch_jw_text(w, "serial", ch_cert_serial(a, cert));
    ch_jw_text(w, "not_before", ch_rfc3339(a, ch_cert_start(cert)));
    ch_jw_text(w, "not_after", ch_rfc3339(a, ch_cert_end(cert)));
    ch_jw_int(w, "days_left", days_until(ch_cert_end(cert), now));
    ch_jw_text(w, "key", key_text(a, cert));
    ch_jw_text(w, "signature", signature_text(cert));
    put_list(a, w, "usage", add_usages, cert);
    put_list(a, w, "extended_usage", add_extended, cert);
    ch_jw_array(w, "extensions");
    for (int i = 0; i < X509_get_ext_count(cert); i++)
        put_extension(a, w, cert, X509_get_ext(cert, i));
    ch_jw_end_array(w);
    ch_sm3(der, sm3);
    ch_jw_text(w, "sha256", ch_sha256_hex(a, der));
    ch_jw_text(w, "sm3", ch_hex(a, CH_BYTES(sm3, sizeof sm3)));
    ch_jw_end_object(w);
    ERR_clear_error();
}
