/* SPDX-License-Identifier: Apache-2.0
 * The files of the signer's folder: encrypted private keys and their passphrase, certificates, the ceremony record. */
#ifndef SIGNER_KEYSTORE_H
#define SIGNER_KEYSTORE_H

#include "core/base/arena.h"

#include <openssl/x509.h>

#define PASSPHRASE_MAX 128

/* Reads the passphrase, a secret of the arena; with `make` it is made if there is none. NULL after logging why. */
const char *keystore_passphrase(struct ch_arena *a, const char *dir, bool make) CH_MUST;

/* True when there is <dir>/<name>.key or <dir>/<name>.uri. */
bool keystore_has_key(struct ch_arena *a, const char *dir, const char *name) CH_MUST;
/* Where the key is, for people: "file", or the URI of a key in a token; "" when it is not here. */
const char *keystore_key_place(struct ch_arena *a, const char *dir, const char *name);
/* Reads the key in <dir>/<name>.key, or opens the key in a token that <dir>/<name>.uri names; NULL after logging why. Freed by the
 * caller. */
EVP_PKEY *keystore_key_read(struct ch_arena *a, const char *dir, const char *name, const char *passphrase) CH_MUST;
/* Encrypts the key and writes it to <dir>/<name>.key, which must not exist; false after logging why. */
bool keystore_key_write(struct ch_arena *a, const char *dir, const char *name, const char *passphrase, EVP_PKEY *key) CH_MUST;

/* Writes the URI of a key in a token (token.h) to <dir>/<name>.uri. False when the name has a key already or the URI is wrong. */
bool keystore_uri_write(struct ch_arena *a, const char *dir, const char *name, const char *uri) CH_MUST;

/* Reads the certificate <dir>/<file>; NULL when there is no such file or it is not a certificate. Freed by the caller. */
X509 *keystore_cert_read(struct ch_arena *a, const char *dir, const char *file) CH_MUST;
/* Writes <dir>/<file>, readable for everybody, which must not exist. */
bool keystore_cert_write(struct ch_arena *a, const char *dir, const char *file, X509 *cert) CH_MUST;
/* The same, in place of an existing file. */
bool keystore_cert_replace(struct ch_arena *a, const char *dir, const char *file, X509 *cert) CH_MUST;

/* True when <dir>/<file> exists. */
bool keystore_has(struct ch_arena *a, const char *dir, const char *file) CH_MUST;
/* Writes a text to <dir>/<file>, readable for everybody, which must not exist. */
bool keystore_text_write(struct ch_arena *a, const char *dir, const char *file, const char *text) CH_MUST;
/* The same, in place of an existing file. */
bool keystore_text_replace(struct ch_arena *a, const char *dir, const char *file, struct ch_bytes text) CH_MUST;
/* Reads <dir>/<file>, of at most 64 KiB; n is 0 when there is no such file. */
struct ch_bytes keystore_text_read(struct ch_arena *a, const char *dir, const char *file);
/* Adds text to the end of <dir>/ceremony.txt. */
bool keystore_record(struct ch_arena *a, const char *dir, const char *text) CH_MUST;

#endif
