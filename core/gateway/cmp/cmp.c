/* SPDX-License-Identifier: Apache-2.0
 * External authorities that are asked by CMP: each exchange is done by OpenSSL's client in a context of its own. */
#include "core/gateway/cmp/cmp.h"

#include "core/base/log.h"
#include "core/crypto/sign.h"
#include "core/gateway/vendor.h"
#include "core/pki/certificate.h"

#include <openssl/cmp.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#define SECRET_MOST 256

/* One message and its answer. */
struct call;
typedef bool exchange(OSSL_CMP_CTX *ctx, struct call *call); /* on false the context has the reason */
struct call {
    const struct ch_cmp *ca;
    exchange *run;
    struct ch_bytes in; /* a CSR, or a certificate */
    const struct ch_cmp_after *after;
    int reason;
    struct ch_bytes out; /* a certificate */
    bool waiting;
    struct ch_arena *a;
};

/* OpenSSL's messages go to our debug log; without this callback it would write them to standard error. */
static int log_line(const char *function, const char *file, int line, OSSL_CMP_severity level, const char *words)
{
    (void)function, (void)file, (void)line;
    ch_log(CH_DEBUG, NULL, "cmp: level %d: %s", (int)level, words);
    return 1;
}

/* ---- a context made from the settings ---- */

static bool set_address(OSSL_CMP_CTX *ctx, const char *url)
{
    char *host = NULL, *port = NULL, *path = NULL;
    int number = 0, tls = 0;
    bool ok = OSSL_HTTP_parse_url(url, &tls, NULL, &host, &port, &number, &path, NULL, NULL) == 1 && tls == 0 &&
              OSSL_CMP_CTX_set1_server(ctx, host) == 1 && OSSL_CMP_CTX_set_serverPort(ctx, number) == 1 &&
              OSSL_CMP_CTX_set1_serverPath(ctx, path) == 1 &&
              OSSL_CMP_CTX_set1_no_proxy(ctx, host) == 1; /* the environment variable http_proxy must not apply */

    OPENSSL_free(host);
    OPENSSL_free(port);
    OPENSSL_free(path);
    return ok;
}

static bool set_timeouts(OSSL_CMP_CTX *ctx)
{
    int each = (int)((ch_conf_int(CONF_VENDOR_TIMEOUT) + 999) / 1000), all = (int)ch_conf_int(CONF_CMP_WAIT);

    return OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_MSG_TIMEOUT, each < all ? each : all) == 1 &&
           OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_TOTAL_TIMEOUT, all) == 1;
}

static const char *read_secret_file(struct ch_arena *a, const char *path)
{
    FILE *in = fopen(path, "re");
    char *text = ch_alloc_secret(a, SECRET_MOST + 1);
    size_t n = in != NULL && setvbuf(in, NULL, _IONBF, 0) == 0 /* no copy of the secret stays in a buffer */
                   ? fread(text, 1, SECRET_MOST, in)
                   : 0;

    if (in != NULL)
        fclose(in);
    text[n] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    return *text != '\0' ? text : NULL;
}

/* A shared secret protects requests and answers. The context gets no store of trusted certificates, so that an answer
 * protected by a signature is not accepted instead. The recipient's name is a formality (RFC 4210, 5.1.1); it is the subject
 * of the authority's issuing certificate. */
static bool set_secret(OSSL_CMP_CTX *ctx, struct ch_arena *a, const struct ch_cmp *c)
{
    const char *secret = read_secret_file(a, c->secret);
    STACK_OF(X509) *trusted = ch_cmp_trusted(a, c);

    return secret != NULL && trusted != NULL &&
           OSSL_CMP_CTX_set1_referenceValue(ctx, (const unsigned char *)c->reference, (int)strlen(c->reference)) == 1 &&
           OSSL_CMP_CTX_set1_secretValue(ctx, (const unsigned char *)secret, (int)strlen(secret)) == 1 &&
           OSSL_CMP_CTX_set1_recipient(ctx, X509_get_subject_name(sk_X509_value(trusted, 0))) == 1;
}

static void free_certificate(void *cert)
{
    X509_free(cert);
}

static X509 *read_certificate(struct ch_arena *a, const char *path)
{
    BIO *in = BIO_new_file(path, "r");
    X509 *cert = in != NULL ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;

    BIO_free(in);
    if (cert != NULL)
        ch_defer(a, free_certificate, cert);
    return cert;
}

static bool set_signature(OSSL_CMP_CTX *ctx, struct ch_arena *a, const struct ch_cmp *c)
{
    X509 *own = read_certificate(a, c->certificate), *theirs = read_certificate(a, c->server);
    EVP_PKEY *key = ch_key_private(c->key);
    bool ok = own != NULL && theirs != NULL && key != NULL && OSSL_CMP_CTX_set1_cert(ctx, own) == 1 &&
              OSSL_CMP_CTX_set1_pkey(ctx, key) == 1 && OSSL_CMP_CTX_set1_srvCert(ctx, theirs) == 1;

    EVP_PKEY_free(key);
    return ok;
}

static OSSL_CMP_CTX *open_context(struct ch_arena *a, const struct ch_cmp *c)
{
    OSSL_CMP_CTX *ctx = OSSL_CMP_CTX_new(NULL, NULL);

    if (ctx != NULL && OSSL_CMP_CTX_set_log_cb(ctx, log_line) == 1 && set_address(ctx, c->url) && set_timeouts(ctx) &&
        (c->secret != NULL ? set_secret(ctx, a, c) : set_signature(ctx, a, c)) &&
        OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_IMPLICIT_CONFIRM, 1) == 1)
        return ctx;
    OSSL_CMP_CTX_free(ctx);
    return NULL;
}

/* ---- the answer ---- */

/* Tells what a failed exchange means. The context has a status only from a message whose protection was right, so only then
 * is a rejection the authority's own; every other failure is a bad answer. */
static struct ch_answer read_failure(struct call *call, const OSSL_CMP_CTX *ctx)
{
    int status = OSSL_CMP_CTX_get_status(ctx);
    const char *why = ch_openssl_reason();

    if (status == OSSL_CMP_PKISTATUS_waiting) {
        call->waiting = true;
        return (struct ch_answer){CH_ACCEPTED, "waiting", "", ""};
    }
    if (status == OSSL_CMP_PKISTATUS_rejection) {
        /* There is no text when it was OpenSSL that rejected the answer. */
        OSSL_CMP_PKIFREETEXT *list = OSSL_CMP_CTX_get0_statusString(ctx);
        const ASN1_STRING *text = sk_ASN1_UTF8STRING_num(list) > 0 ? sk_ASN1_UTF8STRING_value(list, 0) : NULL;
        if (text != NULL && ASN1_STRING_length(text) > 0)
            why = ch_strndup(call->a, ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
        return (struct ch_answer){CH_REFUSED, "rejection", why, ""};
    }
    return CH_BAD_ANSWER(why);
}

static enum ch_err try_exchange(struct ch_arena *a, struct ch_fault *f, void *data, struct ch_answer *answer)
{
    struct call *call = data;
    OSSL_CMP_CTX *ctx = open_context(a, call->ca);

    if (ctx == NULL)
        return ch_fault(f, CH_E_INTERNAL, "external authority %s is not set up: %s", call->ca->name, ch_openssl_reason());
    ERR_clear_error();
    *answer = call->run(ctx, call) ? (struct ch_answer){CH_ACCEPTED, "ok", "", ""} : read_failure(call, ctx);
    ERR_clear_error();
    OSSL_CMP_CTX_free(ctx);
    return CH_OK;
}

/* There is only one try, since a second one would be a second transaction and a second certificate. An authority that answers
 * "waiting" is alive: the circuit breaker sees CH_ACCEPTED, the caller CH_UNKNOWN. */
static enum ch_err perform_exchange(struct ch_arena *a, struct ch_fault *f, struct call *call, struct ch_answer *answer)
{
    call->a = a;
    enum ch_err e = ch_vendor_call(a, f, CH_V_CMP, CH_ONE_TRY, try_exchange, call, answer);

    if (e == CH_OK && call->waiting)
        answer->outcome = CH_UNKNOWN;
    return e;
}

/* ---- the messages ---- */

/* The control that names the certificate in whose place the new one comes (RFC 4211, 6.5). */
static bool set_old(OSSL_CRMF_MSG *message, struct ch_bytes old)
{
    X509 *cert = ch_cert_read(old);
    OSSL_CRMF_CERTID *id =
        cert != NULL ? OSSL_CRMF_CERTID_gen(X509_get_issuer_name(cert), X509_get0_serialNumber(cert)) : NULL;
    bool ok = id != NULL && OSSL_CRMF_MSG_set1_regCtrl_oldCertID(message, id) == 1;

    OSSL_CRMF_CERTID_free(id);
    X509_free(cert);
    return ok;
}

static bool set_end(OSSL_CRMF_MSG *message, int64_t end)
{
    ASN1_TIME *until = ASN1_TIME_set(NULL, (time_t)end);

    if (until != NULL && OSSL_CRMF_MSG_set0_validity(message, NULL, until) == 1)
        return true; /* the message has it */
    ASN1_TIME_free(until);
    return false;
}

/* A request that is like the CSR and says more than a CSR can: until when, and in which certificate's place. */
static OSSL_CRMF_MSG *message_after(X509_REQ *csr, const struct ch_cmp_after *after)
{
    OSSL_CRMF_MSG *m = OSSL_CRMF_MSG_new();

    if (m != NULL && OSSL_CRMF_MSG_set_certReqId(m, 0) == 1 &&
        OSSL_CRMF_CERTTEMPLATE_fill(OSSL_CRMF_MSG_get0_tmpl(m), X509_REQ_get0_pubkey(csr),
                                    X509_REQ_get_subject_name(csr), NULL, NULL) == 1 &&
        set_end(m, after->end) && (after->old.n == 0 || set_old(m, after->old)) &&
        OSSL_CRMF_MSG_create_popo(OSSL_CRMF_POPO_RAVERIFIED, m, NULL, NULL, NULL, NULL) == 1)
        return m;
    OSSL_CRMF_MSG_free(m);
    return NULL;
}

/* CMP's own message for that, KUR, must be protected with the old certificate's key (RFC 4210, D.6; RFC 9483, 4.1.3). That is on the
 * holder's token, and we are a registration authority: so this is a CR under our own protection, and its proof of possession is
 * "raVerified" (RFC 4211, 4), since it is we who verify the signature of the CSR, by the new key. */
static X509 *exchange_after(OSSL_CMP_CTX *ctx, X509_REQ *csr, const struct ch_cmp_after *after)
{
    EVP_PKEY *key = X509_REQ_get_pubkey(csr);

    if (key == NULL || X509_REQ_verify(csr, key) != 1 || OSSL_CMP_CTX_set0_newPkey(ctx, 0, key) != 1) {
        EVP_PKEY_free(key);
        return NULL;
    }
    OSSL_CRMF_MSG *m = message_after(csr, after);
    X509 *cert = m != NULL && OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_POPO_METHOD, OSSL_CRMF_POPO_RAVERIFIED) == 1
                     ? OSSL_CMP_exec_certreq(ctx, OSSL_CMP_CR, m)
                     : NULL;

    OSSL_CRMF_MSG_free(m);
    return cert;
}

static X509 *exchange_csr(OSSL_CMP_CTX *ctx, X509_REQ *csr)
{
    return OSSL_CMP_CTX_set1_p10CSR(ctx, csr) == 1 ? OSSL_CMP_exec_P10CR_ses(ctx) : NULL;
}

static bool run_request(OSSL_CMP_CTX *ctx, struct call *call)
{
    const unsigned char *p = call->in.p;
    X509_REQ *csr = d2i_X509_REQ(NULL, &p, (long)call->in.n);
    X509 *cert = NULL;

    if (csr != NULL)
        cert = call->after != NULL ? exchange_after(ctx, csr, call->after) : exchange_csr(ctx, csr);
    if (cert != NULL)
        call->out = ch_cert_der(call->a, cert); /* the context keeps the certificate */
    X509_REQ_free(csr);
    return cert != NULL;
}

enum ch_err ch_cmp_request(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_bytes csr,
                           const struct ch_cmp_after *after, struct ch_bytes *cert, struct ch_answer *answer)
{
    struct call call = {.ca = c, .run = run_request, .in = csr, .after = after};
    enum ch_err e = perform_exchange(a, f, &call, answer);

    *cert = call.out;
    return e;
}

static bool run_revoke(OSSL_CMP_CTX *ctx, struct call *call)
{
    X509 *cert = ch_cert_read(call->in);
    bool ok = cert != NULL && OSSL_CMP_CTX_set1_oldCert(ctx, cert) == 1 &&
              OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_REVOCATION_REASON, call->reason) == 1 &&
              (OSSL_CMP_exec_RR_ses(ctx) == 1 ||
               (OSSL_CMP_CTX_get_failInfoCode(ctx) & 1 << OSSL_CMP_PKIFAILUREINFO_certRevoked) != 0);

    X509_free(cert);
    return ok;
}

enum ch_err ch_cmp_revoke(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_bytes cert,
                          int reason, struct ch_answer *answer)
{
    struct call call = {.ca = c, .run = run_revoke, .in = cert, .reason = reason};
    return perform_exchange(a, f, &call, answer);
}

static bool run_ping(OSSL_CMP_CTX *ctx, struct call *call)
{
    STACK_OF(OSSL_CMP_ITAV) *said = OSSL_CMP_exec_GENM_ses(ctx);
    bool ok = said != NULL || OSSL_CMP_CTX_get_status(ctx) == OSSL_CMP_PKISTATUS_accepted;

    (void)call;
    sk_OSSL_CMP_ITAV_pop_free(said, OSSL_CMP_ITAV_free);
    return ok;
}

enum ch_err ch_cmp_ping(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_answer *answer)
{
    struct call call = {.ca = c, .run = run_ping};
    return perform_exchange(a, f, &call, answer);
}
