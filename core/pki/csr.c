/* SPDX-License-Identifier: Apache-2.0
 * Reads and checks certificate requests, and makes those that an external authority is asked with. */
#include "core/pki/csr.h"

#include "core/base/codec.h"

#include <openssl/err.h>
#include <string.h>

#define RSA_BITS_MOST 4096
#define POINTER "/csr"

static enum ch_err refuse_csr(struct ch_fault *f, const char *sentence)
{
    return ch_refuse(f, CH_E_INVALID, POINTER, sentence);
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct ch_bytes trimmed(struct ch_bytes b)
{
    while (b.n > 0 && is_blank(b.p[0]))
        b = CH_BYTES(b.p + 1, b.n - 1);
    while (b.n > 0 && is_blank(b.p[b.n - 1]))
        b.n--;
    return b;
}

static bool strip_around(struct ch_bytes *b, const char *head, const char *tail)
{
    size_t h = strlen(head), t = strlen(tail);

    if (b->n < h + t || memcmp(b->p, head, h) != 0 || memcmp(b->p + b->n - t, tail, t) != 0)
        return false;
    *b = CH_BYTES(b->p + h, b->n - h - t);
    return true;
}

/* Decodes standard base64, with or without line breaks. A hyphen is not base64url here: it belongs to a second PEM block. */
static bool decode_base64(struct ch_arena *a, struct ch_bytes text, struct ch_bytes *der)
{
    char *line = ch_alloc(a, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\0' || text.p[i] == '-' || text.p[i] == '_')
            return false;
        if (!is_blank(text.p[i]))
            line[n++] = (char)text.p[i];
    }
    return ch_unbase64(a, line, der);
}

static bool to_der(struct ch_arena *a, struct ch_bytes text, struct ch_bytes *der)
{
    if (text.p[0] == 0x30) { /* the tag of a SEQUENCE, so it is DER; its base64 would begin with M */
        *der = ch_bytes_dup(a, text);
        return true;
    }
    text = trimmed(text);
    if (!strip_around(&text, "-----BEGIN CERTIFICATE REQUEST-----", "-----END CERTIFICATE REQUEST-----")) /* RFC 7468 */
        strip_around(&text, "-----BEGIN NEW CERTIFICATE REQUEST-----", "-----END NEW CERTIFICATE REQUEST-----");
    return decode_base64(a, text, der);
}

static void free_request(void *req)
{
    X509_REQ_free(req);
}

/* The key belongs to the request, which is freed with the arena. NULL unless `der` is exactly one request. */
static EVP_PKEY *read_request_key(struct ch_arena *a, struct ch_bytes der)
{
    const unsigned char *p = der.p;
    X509_REQ *req = der.n > 0 ? d2i_X509_REQ(NULL, &p, (long)der.n) : NULL;

    if (req == NULL)
        return NULL;
    ch_defer(a, free_request, req);
    return p == der.p + der.n && X509_REQ_get_version(req) == X509_REQ_VERSION_1 ? X509_REQ_get0_pubkey(req) : NULL;
}

/* Whether the point lies on its curve; for RSA, whether the exponent is odd and large enough, and the modulus has no small
 * factor. */
static bool is_sound_key(EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool ok = ctx != NULL && EVP_PKEY_public_check(ctx) == 1 &&
              (!EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) <= RSA_BITS_MOST);

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

/* The sentence for a person whose request has a key for another algorithm. */
static const char *wanted_key_sentence(const char *algorithm)
{
    static const struct {
        const char *name, *sentence;
    } wanted[] = {
        {"sm2", "这张证书使用 SM2 密钥，请在介质上生成 SM2 密钥的证书请求。"},
        {"rsa", "这张证书使用 RSA 密钥，请在介质上生成 RSA 2048 位密钥的证书请求。"},
        {"p256", "这张证书使用 P-256 密钥，请在介质上生成 P-256 密钥的证书请求。"},
    };

    for (size_t i = 0; i < CH_COUNT(wanted); i++)
        if (strcmp(wanted[i].name, algorithm) == 0)
            return wanted[i].sentence;
    return "证书请求的密钥与证书要求的算法不同。";
}

static enum ch_err check_csr(const struct ch_csr *c, const char *algorithm, struct ch_fault *f)
{
    if (c->algorithm == NULL)
        return refuse_csr(f, "证书请求的密钥不受支持：只接受 SM2、RSA（2048 至 4096 位）和 P-256 密钥。");
    if (strcmp(c->algorithm, algorithm) != 0)
        return refuse_csr(f, wanted_key_sentence(algorithm));
    if (!is_sound_key(c->key))
        return refuse_csr(f, "证书请求中的公钥不合格，请在介质上重新生成密钥。");
    if (!ch_alg_signed_verify(c->der, c->key))
        return refuse_csr(f, "证书请求的签名不成立：内容不完整或被改动，或 SM2 签名没有使用标准用户标识 1234567812345678。");
    return CH_OK;
}

enum ch_err ch_csr_read(struct ch_arena *a, struct ch_bytes text, const char *algorithm, struct ch_csr *out,
                        struct ch_fault *f)
{
    struct ch_csr c = {0};

    if (text.n == 0)
        return refuse_csr(f, "请选择或粘贴介质生成的证书请求（CSR）。");
    if (text.n > CH_CSR_MAX)
        return refuse_csr(f, "证书请求过大：一份证书请求不超过 8 KB。");
    if (!to_der(a, text, &c.der) || (c.key = read_request_key(a, c.der)) == NULL) {
        ERR_clear_error();
        return refuse_csr(f, "这不是一份证书请求：请提供一份完整的 PKCS#10 请求（PEM、Base64 或 DER），前后不要有其他内容。");
    }
    c.algorithm = ch_alg_of(c.key);
    enum ch_err e = check_csr(&c, algorithm, f);
    ERR_clear_error();
    if (e != CH_OK)
        return e;
    ch_sha256(ch_alg_public_der(a, c.key), c.public_sha256);
    *out = c;
    return CH_OK;
}

/* ---- making one ---- */

static bool fill_request(X509_REQ *req, EVP_PKEY *key, const X509_NAME *subject)
{
    X509_NAME *name = X509_REQ_get_subject_name(req);

    if (X509_REQ_set_version(req, X509_REQ_VERSION_1) != 1 || X509_REQ_set_pubkey(req, key) != 1)
        return false;
    if (subject != NULL)
        return X509_REQ_set_subject_name(req, subject) == 1;
    return X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const unsigned char *)"CN", -1, -1, 0) == 1;
}

bool ch_csr_make(struct ch_arena *a, EVP_PKEY *key, const X509_NAME *subject, struct ch_bytes *der)
{
    X509_REQ *req = X509_REQ_new();
    EVP_MD_CTX *ctx = ch_sign_ctx(key); /* X509_REQ_sign would use the empty SM2 id */
    unsigned char *p = NULL;
    int n = req != NULL && ctx != NULL && fill_request(req, key, subject) && X509_REQ_sign_ctx(req, ctx) > 0
                ? i2d_X509_REQ(req, &p)
                : -1;

    if (n > 0)
        *der = ch_bytes_dup(a, CH_BYTES(p, (size_t)n));
    OPENSSL_free(p);
    EVP_MD_CTX_free(ctx);
    X509_REQ_free(req);
    ERR_clear_error();
    return n > 0;
}
