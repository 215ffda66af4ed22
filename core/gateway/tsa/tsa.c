/* SPDX-License-Identifier: Apache-2.0
 * The client of a time stamp authority, with OpenSSL's TS functions. */
#include "core/gateway/tsa/tsa.h"

#include "core/base/random.h"
#include "core/crypto/digest.h"
#include "core/gateway/vendor.h"

#include <openssl/ts.h>
#include <string.h>

#define NONCE_BYTES 8

struct call {
    TS_REQ *request;
    struct ch_bytes body, response;
};

bool ch_tsa_wanted(void)
{
    return *ch_conf(CONF_TSA_URL) != '\0';
}

static bool set_imprint(TS_REQ *request, struct ch_bytes data)
{
    unsigned char sha256[CH_SHA256_BYTES];
    X509_ALGOR *algorithm = X509_ALGOR_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();

    ch_sha256(data, sha256);
    bool ok = algorithm != NULL && imprint != NULL &&
              X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
              TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
              TS_MSG_IMPRINT_set_msg(imprint, sha256, sizeof sha256) == 1 && TS_REQ_set_msg_imprint(request, imprint) == 1;
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return ok;
}

/* The nonce keeps somebody from answering with an old time stamp of the same data. */
static bool set_nonce(TS_REQ *request)
{
    unsigned char bytes[NONCE_BYTES];

    ch_random(bytes, sizeof bytes);
    bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40); /* positive, and of one length */
    BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
    ASN1_INTEGER *nonce = n != NULL ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
    bool ok = nonce != NULL && TS_REQ_set_nonce(request, nonce) == 1;
    ASN1_INTEGER_free(nonce);
    BN_free(n);
    return ok;
}

static bool make_request(struct ch_arena *a, struct call *c, struct ch_bytes data)
{
    unsigned char *der = NULL;

    c->request = TS_REQ_new();
    bool ok = c->request != NULL && TS_REQ_set_version(c->request, 1) == 1 && set_imprint(c->request, data) &&
              set_nonce(c->request) && TS_REQ_set_cert_req(c->request, 1) == 1;
    int n = ok ? i2d_TS_REQ(c->request, &der) : -1;
    if (n > 0)
        c->body = ch_bytes_dup(a, CH_BYTES(der, (size_t)n));
    OPENSSL_free(der);
    return n > 0;
}

/* Whether the response is a time stamp for the request, by a certificate that is trusted for that. */
static bool is_good(const struct call *c, TS_RESP *response)
{
    TS_VERIFY_CTX *ctx = TS_REQ_to_TS_VERIFY_CTX(c->request, NULL);
    X509_STORE *store = X509_STORE_new();
    bool ok = ctx != NULL && store != NULL && X509_STORE_load_file(store, ch_conf(CONF_TSA_CA)) == 1;

    if (ctx != NULL && store != NULL)
        TS_VERIFY_CTX_set_store(ctx, store); /* which it frees */
    else
        X509_STORE_free(store);
    if (ok) {
        TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE);
        ok = TS_RESP_verify_response(ctx, response) == 1;
    }
    TS_VERIFY_CTX_free(ctx);
    return ok;
}

/* The authority's reason: the name of the failure, and its sentence. */
static struct ch_answer refusal(struct ch_arena *a, TS_RESP *response)
{
    static const struct {
        int bit;
        const char *name;
    } failures[] = {{0, "badAlg"},
                    {2, "badRequest"},
                    {5, "badDataFormat"},
                    {14, "timeNotAvailable"},
                    {15, "unacceptedPolicy"},
                    {16, "unacceptedExtension"},
                    {17, "addInfoNotAvailable"},
                    {25, "systemFailure"}};
    const TS_STATUS_INFO *info = TS_RESP_get_status_info(response);
    const ASN1_BIT_STRING *bits = TS_STATUS_INFO_get0_failure_info(info);
    const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(info);
    const ASN1_UTF8STRING *text = sk_ASN1_UTF8STRING_num(texts) > 0 ? sk_ASN1_UTF8STRING_value(texts, 0) : NULL;
    struct ch_answer out = {CH_REFUSED, "rejection", "", ""};

    for (size_t i = 0; bits != NULL && i < CH_COUNT(failures); i++)
        if (ASN1_BIT_STRING_get_bit(bits, failures[i].bit) == 1)
            out.code = failures[i].name;
    if (text != NULL)
        out.message = ch_strndup(a, ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
    if (strcmp(out.code, "timeNotAvailable") == 0 || strcmp(out.code, "systemFailure") == 0)
        out.outcome = CH_UNKNOWN; /* which passes */
    return out;
}

static struct ch_answer read_response(struct ch_arena *a, struct call *c, long status, struct ch_bytes body)
{
    const unsigned char *p = body.p;
    TS_RESP *response = status == 200 ? d2i_TS_RESP(NULL, &p, (long)body.n) : NULL;
    struct ch_answer out = {CH_ACCEPTED, "granted", "", ""};

    if (response == NULL || p != body.p + body.n) {
        out = CH_BAD_ANSWER(ch_printf(a, "status %ld, or the answer is no TimeStampResp", status));
    } else {
        long said = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response)));
        if (said != TS_STATUS_GRANTED && said != TS_STATUS_GRANTED_WITH_MODS)
            out = refusal(a, response);
        else if (!is_good(c, response))
            out = (struct ch_answer){CH_UNKNOWN, "untrusted", "the time stamp does not verify", ""};
        else
            c->response = body;
    }
    TS_RESP_free(response);
    return out;
}

static enum ch_err try_stamp(struct ch_arena *a, struct ch_fault *f, void *call, struct ch_answer *answer)
{
    struct call *c = call;
    struct ch_http_response res;
    struct ch_http_request req = {
        .method = "POST",
        .url = ch_conf(CONF_TSA_URL),
        .headers = {"Content-Type: application/timestamp-query", "Accept: application/timestamp-reply"},
        .body = c->body,
    };
    enum ch_err e = CH_OK;

    if (ch_vendor_send(a, f, CH_V_TSA, &req, &res, answer, &e))
        *answer = read_response(a, c, res.status, res.body);
    return e;
}

enum ch_err ch_tsa_stamp(struct ch_arena *a, struct ch_fault *f, struct ch_bytes data, struct ch_answer *answer,
                         struct ch_bytes *response)
{
    struct call c = {.request = NULL};
    enum ch_err e = CH_OK;

    if (!ch_tsa_wanted())
        return ch_fault(f, CH_E_INTERNAL, "tsa_url is not set");
    if (!make_request(a, &c, data))
        e = ch_fault(f, CH_E_INTERNAL, "tsa: no request");
    else
        e = ch_vendor_call(a, f, CH_V_TSA, CH_REPEAT, try_stamp, &c, answer);
    TS_REQ_free(c.request);
    *response = c.response;
    return e;
}
