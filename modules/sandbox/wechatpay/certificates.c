/* SPDX-License-Identifier: Apache-2.0
 * GET /v3/certificates: the platform certificate, encrypted under the merchant's APIv3 key. */
#include "modules/sandbox/wechatpay/wechatpay.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/wechatpay/sign.h"
#include "modules/sandbox/register.h"
#include "modules/sandbox/wechatpay/sign.h"

#include <openssl/pem.h>
#include <string.h>
#include <time.h>

static const char *rfc3339_of(struct ch_arena *a, const ASN1_TIME *t)
{
    struct tm tm;
    return ASN1_TIME_to_tm(t, &tm) == 1 ? ch_rfc3339(a, (int64_t)timegm(&tm)) : "";
}

static struct ch_bytes pem_of(struct ch_arena *a, X509 *x)
{
    BIO *out = BIO_new(BIO_s_mem());
    struct ch_bytes pem = {NULL, 0};
    char *p;

    if (out != NULL && PEM_write_bio_X509(out, x) == 1) {
        long n = BIO_get_mem_data(out, &p);
        pem = ch_bytes_dup(a, CH_BYTES(p, (size_t)n));
    }
    BIO_free(out);
    return pem;
}

/* A merchant who names no key has none yet, so the answer is signed with the key of the certificate that it carries. */
enum ch_err sandbox_wechatpay_certificates(struct ch_req *r)
{
    X509 *x = sandbox_register()->wechatpay_certificate;
    const char *nonce = ch_random_text(r->a, "0123456789abcdefghijklmnopqrstuvwxyz", 12);
    struct ch_jw w;
    enum ch_err e;

    if (!wechatpay_admitted(r, &e))
        return e;
    e = ch_run(r, CH_CALL0(&sandbox_wechatpay_certificate_fetched), NULL);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "data");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "serial_no", sandbox_wechatpay_serial(r->a, SANDBOX_CERTIFICATE));
    ch_jw_text(&w, "effective_time", rfc3339_of(r->a, X509_get0_notBefore(x)));
    ch_jw_text(&w, "expire_time", rfc3339_of(r->a, X509_get0_notAfter(x)));
    ch_jw_object(&w, "encrypt_certificate");
    ch_jw_text(&w, "algorithm", "AEAD_AES_256_GCM");
    ch_jw_text(&w, "nonce", nonce);
    ch_jw_text(&w, "associated_data", "certificate");
    ch_jw_text(&w, "ciphertext",
               ch_wechatpay_encrypt(r->a, sandbox_register()->wechatpay_v3key, nonce, "certificate", pem_of(r->a, x)));
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return wechatpay_finish(r, 200, ch_jw_done(&w));
}
