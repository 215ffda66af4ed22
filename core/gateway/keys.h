/* SPDX-License-Identifier: Apache-2.0
 * Keys and secrets towards the vendors: files in the folder of setting `keys`, read once a process.
 *
 * Safe to call from any thread; what is handed out lives until the process ends. A file name with a leading slash is
 * taken as it stands. The NULL of a failure is remembered too: the process must be started anew after mending a key. */
#ifndef CH_GATEWAY_KEYS_H
#define CH_GATEWAY_KEYS_H

#include "core/base/config.h"

#include <openssl/evp.h>

/* Private and public keys (PEM) whose file a setting names. NULL after logging which setting is at fault. */
EVP_PKEY *ch_keys_private(enum ch_conf setting) CH_MUST;
EVP_PKEY *ch_keys_public(enum ch_conf setting) CH_MUST;
/* The public key that belongs to `serial` in a setting of "serial=file" pairs, comma separated; NULL when unknown. A
 * file holds a public key or a certificate. */
EVP_PKEY *ch_keys_public_of(enum ch_conf setting, const char *serial) CH_MUST;
/* A secret text (at most 255 bytes, white space at its end cut off). NULL after logging. */
const char *ch_keys_secret(enum ch_conf setting) CH_MUST;

/* The first serial of such a setting: the one to ask answers to be signed with; "" when there is none. The result is
 * good until the process ends. */
const char *ch_keys_first_serial(enum ch_conf setting);

#endif
