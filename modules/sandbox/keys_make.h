/* SPDX-License-Identifier: Apache-2.0
 * Makes what a contract between the hall and each vendor would fix: numbers, secrets, keys, certificates. Files that exist are
 * kept, so that a newer sandbox only adds what it needs. When a file cannot be written, the process ends with a message. */
#ifndef MODULE_SANDBOX_KEYS_MAKE_H
#define MODULE_SANDBOX_KEYS_MAKE_H

#include "core/base/config.h"
#include "core/json/json.h"

#include <openssl/evp.h>

/* How the hall learns a fact (modules/sandbox/vendor.tbl). */
enum fact_how { SETTING, SECRET, UNTOLD };

struct fact {
    const char *name;
    const char *prefix, *alphabet;
    size_t n;
    enum fact_how how;
    enum ch_conf setting;
};
extern const struct fact facts[];
extern const size_t facts_n;

/* Makes the vendors' side in the folder of setting sandbox_keys and the hall's side in that of `keys`. Returns the register. */
struct ch_json *keys_make(struct ch_arena *a);

/* The software authenticator's passkey of that name, which is made where it is missing. Others are left alone. The caller frees
 * the key. */
EVP_PKEY *keys_passkey(struct ch_arena *a, const char *name);
/* Whether a passkey may have that name: 1 to 32 small letters, digits, '-' and '_'. */
bool keys_passkey_name(const char *name) CH_MUST;

/* The path and the contents of a file in one of these two folders. */
char *keys_path(struct ch_arena *a, enum ch_conf folder, const char *file);
char *keys_read(struct ch_arena *a, enum ch_conf folder, const char *file);

#endif
