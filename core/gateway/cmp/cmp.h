/* SPDX-License-Identifier: Apache-2.0
 * External authorities that are asked by CMP (RFC 4210, over HTTP by RFC 6712) for a certificate (P10CR), for one in the place
 * of another (CR), or for a revocation (RR). OpenSSL's client protects the messages with a shared secret (PBM) or with an RSA or
 * P-256 key. It does not support SM2, so an external authority certifies RSA and P-256 keys only.
 *
 * Each authority has one file, <cmp>/<name>.conf (setting `cmp` names the folder), with lines `key = value`:
 *
 *   algorithm     rsa or p256: the keys that it certifies
 *   url           http://host[:port]/path
 *   trusted       PEM file: its issuing certificate first, then the certificates up to its root
 *   reference     \  the reference value and, in a file of one line, the shared secret that protects requests and
 *   secret        /  answers; or
 *   certificate   \  our certificate and key (PEM files), which protect the requests, and the certificate of the
 *   key            | authority's server (PEM), whose key must sign the answers. No other certificate of the authority
 *   server        /  is accepted: otherwise any holder of one of its certificates could answer.
 *
 * File names without "/" are relative to the folder. Signer and runner read `algorithm` and `trusted`; only the runner reads
 * the rest. */
#ifndef CH_GATEWAY_CMP_H
#define CH_GATEWAY_CMP_H

#include "core/gateway/outcome.h"

#include <openssl/x509.h>

struct ch_cmp {
    const char *name, *algorithm, *url, *reference;
    const char *trusted, *secret, *certificate, *key, *server; /* paths; NULL: not set */
};

/* Reads the settings of an external authority. CH_E_INTERNAL, with the reason for the log, when there is no such file, when a
 * line is wrong, or when a setting is missing. The texts belong to the arena. */
enum ch_err ch_cmp_read(struct ch_arena *a, struct ch_fault *f, const char *name, struct ch_cmp *out) CH_MUST;
/* The names of the authorities that are set up, at most 16, ended by NULL. */
const char *const *ch_cmp_names(struct ch_arena *a);
/* The certificates of its file `trusted`, in the file's order; NULL when it cannot be read. Freed with the arena. */
STACK_OF(X509) *ch_cmp_trusted(struct ch_arena *a, const struct ch_cmp *c) CH_MUST;

/* What a certificate is to come after. */
struct ch_cmp_after {
    int64_t end;         /* the latest end that it may have, in seconds since 1970 */
    struct ch_bytes old; /* the certificate in whose place it comes (DER), if the same authority issued that; otherwise empty */
};
/* Asks for a certificate for the request `csr` (DER); `after` is NULL when it comes in no other's place. CH_ACCEPTED: *cert is the
 * certificate (DER). Only the protection of the message was checked; the signer checks key, names, end and chain. CH_REFUSED: the
 * authority refuses. CH_UNKNOWN: there is no answer, or its protection is wrong, or the authority asks to wait (code "waiting"):
 * ask again. */
enum ch_err ch_cmp_request(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_bytes csr,
                           const struct ch_cmp_after *after, struct ch_bytes *cert, struct ch_answer *answer) CH_MUST;
/* Asks the authority to revoke `cert` (DER); `reason` is a number of RFC 5280 5.3.1. CH_ACCEPTED also when the certificate was
 * revoked before. */
enum ch_err ch_cmp_revoke(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_bytes cert,
                          int reason, struct ch_answer *answer) CH_MUST;
/* Sends an empty general message (GENM), which shows whether each side accepts the other's protection. */
enum ch_err ch_cmp_ping(struct ch_arena *a, struct ch_fault *f, const struct ch_cmp *c, struct ch_answer *answer) CH_MUST;

#endif
