/* SPDX-License-Identifier: Apache-2.0
 * The vendors' own knowledge of their customer: numbers, secrets and keys, in the folder of setting sandbox_keys. They are made
 * by certhall-sandbox-keys; nothing here is read from the hall's side. What there is stands in the vendors' tables
 * (modules/sandbox/vendor.tbl). */
#ifndef MODULE_SANDBOX_REGISTER_H
#define MODULE_SANDBOX_REGISTER_H

#include "core/base/arena.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define SANDBOX_REGISTER_FILE "register.json" /* the words that were agreed on */

/* Who has the private key of a pair. */
enum sandbox_side { HALL, VENDOR };

struct sandbox_register {
    const char *merchant_name; /* setting brand_name */
#define SANDBOX_FACT(name, ...) const char *name;
#define SANDBOX_KEY(name, ...) EVP_PKEY *name; /* the vendor's half */
#define SANDBOX_CERTIFICATE(name, ...) \
    X509 *name; \
    EVP_PKEY *name##_key;
#include "modules/sandbox/vendor_all.tbl"
};

/* Reads the register; false after logging what is missing. To be called once, before any thread starts. */
bool sandbox_register_load(void) CH_MUST;
const struct sandbox_register *sandbox_register(void);

/* The vendors' file of a key or certificate: of "alipay_app" and ".pub" it is alipay-app.pub. */
char *sandbox_key_file(struct ch_arena *a, const char *name, const char *ending);
/* The ending of the vendor's half of a pair. */
const char *sandbox_key_ending(enum sandbox_side private_side);

#endif
