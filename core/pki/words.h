/* SPDX-License-Identifier: Apache-2.0
 * Describes a certificate for people, as JSON for pages and texts. Everything in the certificate is included; extensions that
 * the hall does not know have their OID as name. */
#ifndef CH_PKI_WORDS_H
#define CH_PKI_WORDS_H

#include "core/json/json.h"

#include <openssl/x509.h>

/* Writes an object under `key` (NULL at top level or inside an array); `now` is seconds since 1970.
 *
 *   subject, issuer      [{ "label": "单位", "attribute": "O", "value": "…" }, …] in the certificate's order
 *   serial               hex digits, as ch_cert_serial writes them
 *   not_before,not_after RFC 3339
 *   days_left            whole days until notAfter: 0 on the last day, negative afterwards; also before notBefore
 *   key                  "SM2 256 位"
 *   signature            "SM3withSM2"
 *   usage                ["数字签名", "抗抵赖"]; extended_usage the same
 *   extensions           [{ "name": "密钥用法", "oid": "2.5.29.15", "critical": true, "text": "…" }, …]
 *   sha256, sm3          fingerprints over the DER, lower-case hex */
void ch_cert_words(struct ch_arena *a, struct ch_jw *w, const char *key, X509 *cert, int64_t now);

#endif
