/* SPDX-License-Identifier: Apache-2.0
 * Keys and secrets for the calls to vendors: files in the folder of setting `keys`, each read once by a process.
 *
 * All functions may be called from any thread, and what they return lives until the process ends. A file name with a leading
 * slash is used as it is. A failure is remembered as well: after a key file was repaired the process must be restarted. */
#ifndef CH_GATEWAY_KEYS_H
#define CH_GATEWAY_KEYS_H

#include "core/base/config.h"

#include <openssl/evp.h>

/* The private or public key (PEM) whose file the setting names. NULL, after logging which setting is at fault. */
EVP_PKEY *ch_keys_private(enum ch_conf setting) CH_MUST;
EVP_PKEY *ch_keys_public(enum ch_conf setting) CH_MUST;
/* The public key of `serial` in a setting that lists "serial=file" pairs, separated by commas; NULL when the serial is not in
 * the list. A file holds a public key or a certificate. */
EVP_PKEY *ch_keys_public_of(enum ch_conf setting, const char *serial) CH_MUST;
/* A secret text of at most 255 bytes, without white space at its end. NULL after logging. */
const char *ch_keys_secret(enum ch_conf setting) CH_MUST;

/* The first serial of such a list, which is the one that we ask the vendor to sign its answers with; "" when the list is
 * empty. */
const char *ch_keys_first_serial(enum ch_conf setting);

#endif
