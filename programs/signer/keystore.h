/* SPDX-License-Identifier: Apache-2.0
 * The files of the signer's folder: encrypted private keys and their passphrase, certificates, the ceremony record. */
#ifndef SIGNER_KEYSTORE_H
#define SIGNER_KEYSTORE_H

#include "core/base/arena.h"

#include <openssl/x509.h>

#define PASSPHRASE_MAX 128

/* The passphrase, made at first use when `make`. A secret of the arena; NULL after logging why. */
const char *keystore_passphrase(struct ch_arena *a, const char *dir, bool make) CH_MUST;

/* Whether there is <dir>/<name>.key or <dir>/<name>.uri. */
bool keystore_has_key(struct ch_arena *a, const char *dir, const char *name) CH_MUST;
/* Where it is, for people: "file" or the URI of the token's key; "" when it is not here. */
const char *keystore_key_place(struct ch_arena *a, const char *dir, const char *name);
/* The key of <dir>/<name>.key, or the one in a token that <dir>/<name>.uri names; NULL when it is not there or does not
 * open. Freed by the caller. */
EVP_PKEY *keystore_key_read(struct ch_arena *a, const char *dir, const char *name, const char *passphrase) CH_MUST;
/* Writes it, encrypted, to a name that must be free. */
bool keystore_key_write(struct ch_arena *a, const char *dir, const char *name, const char *passphrase, EVP_PKEY *key)
    CH_MUST;

/* Says where in a token the key is (token.h). */
bool keystore_uri_write(struct ch_arena *a, const char *dir, const char *name, const char *uri) CH_MUST;

/* <dir>/<file> as a certificate; NULL when it is not there or is none. */
X509 *keystore_cert_read(struct ch_arena *a, const char *dir, const char *file) CH_MUST;
bool keystore_cert_write(struct ch_arena *a, const char *dir, const char *file, X509 *cert) CH_MUST;
/* Puts it in the place of the one of that name. */
bool keystore_cert_replace(struct ch_arena *a, const char *dir, const char *file, X509 *cert) CH_MUST;

/* Whether <dir>/<file> exists. */
bool keystore_has(struct ch_arena *a, const char *dir, const char *file) CH_MUST;
/* Writes <dir>/<file>, for everybody to read, under a name that must be free. */
bool keystore_text_write(struct ch_arena *a, const char *dir, const char *file, const char *text) CH_MUST;
/* Adds text to the end of <dir>/ceremony.txt. */
bool keystore_record(struct ch_arena *a, const char *dir, const char *text) CH_MUST;

#endif
