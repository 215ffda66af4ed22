/* SPDX-License-Identifier: Apache-2.0
 * Files with one 32-byte key: key-encryption keys, the hash key, the PIN key. */
#ifndef CH_CRYPTO_KEYFILE_H
#define CH_CRYPTO_KEYFILE_H

#include "core/crypto/cipher.h"

/* Reads exactly 32 bytes. False, after logging why, when the file cannot be read, has another size, is accessible to others or
 * writable by its group; the group may read it, as signer and runner share a key. The caller cleanses `key`. */
bool ch_keyfile_read(const char *path, unsigned char key[CH_AES_KEY]) CH_MUST;
/* Writes a new random key to a file of that mode (0400 or 0440) unless the file exists; false after logging why. */
bool ch_keyfile_make(const char *path, unsigned mode) CH_MUST;

#endif
