/* SPDX-License-Identifier: Apache-2.0
 * A time stamp authority by RFC 3161 in the sandbox, at 127.0.0.21, with OpenSSL's TS functions. */
#include "modules/sandbox/sandbox.h"

#include "core/base/random.h"
#include "modules/sandbox/register.h"

#include <openssl/ts.h>
#include <string.h>

#define HOST "127.0.0.21"
#define POLICY "1.3.6.1.4.1.32473.3.1"
#define SERIAL_BYTES 8

static ASN1_INTEGER *next_serial(TS_RESP_CTX *ctx, void *unused)
{
    unsigned char bytes[SERIAL_BYTES];

    (void)ctx, (void)unused;
    ch_random(bytes, sizeof bytes);
    bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40);
    BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
    ASN1_INTEGER *serial = n != NULL ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
    BN_free(n);
    return serial;
}

/* The clock of an authority that has none for now. */
static int no_time(TS_RESP_CTX *ctx, void *unused, long *seconds, long *microseconds)
{
    (void)unused, (void)seconds, (void)microseconds;
    TS_RESP_CTX_set_status_info(ctx, TS_STATUS_REJECTION, "Time is not available.");
    TS_RESP_CTX_add_failure_info(ctx, TS_INFO_TIME_NOT_AVAILABLE);
    return 0;
}

static TS_RESP_CTX *authority(bool away)
{
    const struct sandbox_register *reg = sandbox_register();
    TS_RESP_CTX *ctx = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj(POLICY, 1);
    bool ok = ctx != NULL && policy != NULL && TS_RESP_CTX_set_signer_cert(ctx, reg->tsa_signer) == 1 &&
              TS_RESP_CTX_set_signer_key(ctx, reg->tsa_signer_key) == 1 &&
              TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) == 1 && TS_RESP_CTX_set_def_policy(ctx, policy) == 1 &&
              TS_RESP_CTX_add_md(ctx, EVP_sha256()) == 1;

    ASN1_OBJECT_free(policy);
    if (!ok) {
        TS_RESP_CTX_free(ctx);
        return NULL;
    }
    TS_RESP_CTX_set_serial_cb(ctx, next_serial, NULL);
    if (away)
        TS_RESP_CTX_set_time_cb(ctx, no_time, NULL);
    return ctx;
}

/* The request as DER, with one bit of its digest changed. */
static struct ch_bytes changed_request(struct ch_req *r)
{
    const unsigned char *p = r->raw.p;
    TS_REQ *request = d2i_TS_REQ(NULL, &p, (long)r->raw.n);
    unsigned char *der = NULL;
    struct ch_bytes out = r->raw;

    if (request == NULL)
        return out;
    ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(TS_REQ_get_msg_imprint(request));
    struct ch_bytes other =
        ch_bytes_dup(r->a, CH_BYTES(ASN1_STRING_get0_data(digest), (size_t)ASN1_STRING_length(digest)));
    if (other.n > 0)
        ((unsigned char *)other.p)[0] ^= 1;
    int n = ASN1_OCTET_STRING_set(digest, other.p, (int)other.n) == 1 ? i2d_TS_REQ(request, &der) : -1;
    if (n > 0)
        out = ch_bytes_dup(r->a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    TS_REQ_free(request);
    return out;
}

/* Stamps the request, or says in the response why not (RFC 3161, 2.4.2). */
static enum ch_err reply_stamp(struct ch_req *r, struct ch_bytes request, bool away)
{
    TS_RESP_CTX *ctx = authority(away);
    BIO *bio = BIO_new_mem_buf(request.p, (int)request.n);
    TS_RESP *response = ctx != NULL && bio != NULL ? TS_RESP_create_response(ctx, bio) : NULL;
    unsigned char *der = NULL;
    int n = response != NULL ? i2d_TS_RESP(response, &der) : -1;
    struct ch_bytes body = n > 0 ? ch_bytes_dup(r->a, CH_BYTES(der, (size_t)n)) : CH_BYTES(NULL, 0);

    OPENSSL_free(der);
    TS_RESP_free(response);
    BIO_free(bio);
    TS_RESP_CTX_free(ctx);
    return n > 0 ? ch_reply_bytes(r, 200, "application/timestamp-reply", body) : ch_fail(r, CH_E_INTERNAL, "no time stamp");
}

static enum ch_err sandbox_tsa(struct ch_req *r)
{
    const char *type = ch_fcgi(r, "CONTENT_TYPE");
    bool away, other, text;

    if (!sandbox_host(r, HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not the authority's host");
    enum ch_err e = sandbox_switched(r, "tsa.refuse", &away);
    if (e == CH_OK)
        e = sandbox_switched(r, "tsa.other_digest", &other);
    if (e == CH_OK)
        e = sandbox_switched(r, "tsa.text_instead", &text);
    if (e != CH_OK)
        return e;
    if (text)
        return sandbox_answer(r, 200, "text/plain", "service temporarily unavailable");
    if (!sandbox_is(type, "application/timestamp-query"))
        return sandbox_answer(r, 415, "text/plain", "application/timestamp-query expected");
    return reply_stamp(r, other ? changed_request(r) : r->raw, away);
}

const struct ch_route sandbox_tsa_routes[] = {
    {"POST", "/tsa", CH_VENDOR, NULL, CH_KB(16), CH_TX_EACH, "sandbox.tsa", sandbox_tsa},
    {0},
};
