/* SPDX-License-Identifier: Apache-2.0
 * Certificates of external authorities. The signer has no network: it makes the key and a request (operation
 * order_request), the runner takes the request there and the answer back, and here the answer is held against what was
 * asked for before anything is made of it. Until then the key lies encrypted in the database, under a key of the signer's
 * folder. */
#ifndef SIGNER_REQUEST_H
#define SIGNER_REQUEST_H

#include "programs/signer/order.h"

/* Tells the database of the external authorities that are set up, with their certificates. One whose settings do not
 * read is left out, which the log tells. False only when the database does not take one. */
bool request_publish(struct signer *s) CH_MUST;

/* Checks the answer for every item (key, name, use, length, chain to the authority's trusted certificates in force) and
 * makes the key files. CH_E_CONFLICT when one is not what was asked for: the database knows why then, and its key is
 * destroyed. */
enum ch_err request_finish(struct signer *s, struct ch_arena *a, const struct order *o, struct ch_fault *f) CH_MUST;

/* What is wrong with `cert` as the authority's answer, in words for staff; NULL: nothing. `key` is the one that was to
 * be certified, `wanted` its name, `years` how long. `now` in seconds since 1970. */
const char *request_objection(X509 *cert, EVP_PKEY *key, const X509_NAME *wanted, int years, STACK_OF(X509) *trusted,
                              int64_t now);

#endif
