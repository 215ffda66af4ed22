/* SPDX-License-Identifier: Apache-2.0
 * External authorities that are asked by CMP (RFC 4210, over HTTP by RFC 6712): a certificate for a request (P10CR) and
 * a revocation (RR). By OpenSSL's client, which protects its messages with a shared secret (PBM) or with an RSA or
 * P-256 key; SM2 it cannot, so an external authority certifies RSA and P-256 keys only.
 *
 * One file a authority, <cmp>/<name>.conf (setting `cmp`, a folder), of lines `key = value`:
 *
 *   algorithm     rsa or p256: the keys that it certifies
 *   url           http://host[:port]/path
 *   trusted       PEM file: its issuing certificate first, then what leads to its root
 *   reference     \  the reference value and, in a file of one line, the shared secret that protects both ways …
 *   secret        /
 *   certificate   \  … or our certificate and key (PEM files), which protect the requests,
 *   key            | and its certificate (PEM), with whose key the answers must be signed: no other of the
 *   server        /  authority's will do, or any holder of one of its certificates could answer
 *
 * File names without "/" lie in the folder. Signer and runner read algorithm and trusted, only the runner reads the
 * rest. */
#ifndef CH_GATEWAY_CMP_H
#define CH_GATEWAY_CMP_H

#include "core/gateway/outcome.h"

#include <openssl/x509.h>

struct ch_cmp {
    const char *name, *algorithm, *url, *reference;
    const char *trusted, *secret, *certificate, *key, *server; /* paths */
};

/* Reads the settings of an external authority. CH_E_INTERNAL, with the reason for the log, when there is no such file,
 * a line is wrong, or something is missing. Texts are the arena's. */
enum ch_err ch_cmp_read(struct ch_arena *a, struct ch_fault *f, const char *name, struct ch_cmp *out) CH_MUST;
/* The names of all that are set up, ended by NULL; only as many as 16. */
const char *const *ch_cmp_names(struct ch_arena *a);
/* The certificates of its file `trusted`, in the file's order; NULL when it cannot be read. Freed with the arena. */
STACK_OF(X509) *ch_cmp_trusted(struct ch_arena *a, const struct ch_cmp *c) CH_MUST;

/* Asks for a certificate for the request `csr` (DER). CH_ACCEPTED: *cert is it, DER, unchecked but for the message's
 * own protection: key, names and chain are the signer's to check. CH_REFUSED: it says no. CH_UNKNOWN: no answer, one
 * that is not protected as it should be, or "waiting" (code "waiting"): ask again. */
enum ch_err ch_cmp_request(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_bytes csr,
                           struct ch_bytes *cert, struct ch_answer *answer) CH_MUST;
/* Asks it to revoke `cert` (DER) for a reason of RFC 5280 5.3.1 by number; CH_ACCEPTED too when it was revoked
 * before. */
enum ch_err ch_cmp_revoke(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_bytes cert,
                          int reason, struct ch_answer *answer) CH_MUST;
/* A general message without a question: whether it knows us and we it. */
enum ch_err ch_cmp_ping(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c,
                        struct ch_answer *answer) CH_MUST;

#endif
