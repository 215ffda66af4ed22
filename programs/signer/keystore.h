/* SPDX-License-Identifier: Apache-2.0
 * The files of the signer's folder: encrypted private keys and their passphrase, certificates, the ceremony record. */
#ifndef SIGNER_KEYSTORE_H
#define SIGNER_KEYSTORE_H

#include "core/base/arena.h"

#include <openssl/x509.h>

#define PASSPHRASE_MAX 128

/* The passphrase, made at first use when `make`. A secret of the arena; NULL after logging why. */
const char *keystore_passphrase(struct ch_arena *a, const char *dir, bool make) CH_MUST;

/* Reads <dir>/<name>.key; NULL when it is not there or does not open. Freed by the caller. */
EVP_PKEY *keystore_key_read(struct ch_arena *a, const char *dir, const char *name, const char *passphrase) CH_MUST;
/* Writes it, encrypted, to a name that must be free. */
bool keystore_key_write(struct ch_arena *a, const char *dir, const char *name, const char *passphrase, EVP_PKEY *key)
    CH_MUST;

/* <dir>/<file> as a certificate; NULL when it is not there or is none. */
X509 *keystore_cert_read(struct ch_arena *a, const char *dir, const char *file) CH_MUST;
bool keystore_cert_write(struct ch_arena *a, const char *dir, const char *file, X509 *cert) CH_MUST;

/* Whether <dir>/<file> exists. */
bool keystore_has(struct ch_arena *a, const char *dir, const char *file) CH_MUST;
/* Adds text to the end of <dir>/ceremony.txt. */
bool keystore_record(struct ch_arena *a, const char *dir, const char *text) CH_MUST;

#endif
