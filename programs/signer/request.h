/* SPDX-License-Identifier: Apache-2.0
 * Certificates of external CAs. The signer has no network: it makes a key and a certificate request (operation order_request), the
 * runner sends the request and brings back the answer, and the signer compares the answer with the request before it uses it.
 * Until then the key is in the database, encrypted with a key that is derived from the passphrase in the signer's folder. */
#ifndef SIGNER_REQUEST_H
#define SIGNER_REQUEST_H

#include "programs/signer/order.h"

/* Publishes the certificates of the configured external CAs in the database. A CA whose settings cannot be read is left out,
 * with a line in the log. False only when the database refuses one. */
bool request_publish(struct signer *s) CH_MUST;

/* Checks the answer for every item (key, name, use, validity, and a chain to the trusted certificates of the CA) and makes the
 * key files. CH_E_CONFLICT when a certificate is not what was requested: the database then has the reason, and its key is
 * destroyed. */
enum ch_err request_finish(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_fault *f) CH_MUST;

/* What is wrong with `cert` as the CA's answer, in words for staff; NULL when nothing is. `key`, the subject `wanted` and
 * the item `i` (years, ends) are what was requested; `now` is in seconds since 1970. In another certificate's place it may end
 * earlier than was asked for, never later. */
const char *request_objection(X509 *cert, EVP_PKEY *key, const X509_NAME *wanted, const struct order_item *i,
                              STACK_OF(X509) *trusted, int64_t now);

#endif
