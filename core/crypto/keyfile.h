/* SPDX-License-Identifier: Apache-2.0
 * Files that hold one 32-byte key: key-encryption keys, the hash key, the PIN key. */
#ifndef CH_CRYPTO_KEYFILE_H
#define CH_CRYPTO_KEYFILE_H

#include "core/crypto/cipher.h"

/* Reads exactly 32 bytes. False, after logging why, when the file is of another size, cannot be read, or is open to
 * the world or writable by the group (group-readable is right where signer and runner share a key). The caller
 * cleanses `key`. */
bool ch_keyfile_read(const char *path, unsigned char key[CH_AES_KEY]) CH_MUST;
/* Makes a fresh random key of that mode (0400, 0440) unless the file is there already; false after logging why. */
bool ch_keyfile_make(const char *path, unsigned mode) CH_MUST;

#endif
