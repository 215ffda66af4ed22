/* SPDX-License-Identifier: Apache-2.0
 * Making up a contract between every vendor and the hall: numbers, secrets, keys, certificates. What is there is kept, so
 * that a newer sandbox adds what it needs. Ends the process, saying why, when a file cannot be written. */
#ifndef MODULE_SANDBOX_KEYS_MAKE_H
#define MODULE_SANDBOX_KEYS_MAKE_H

#include "core/base/config.h"
#include "core/json/json.h"

/* Files of the hall's side that no setting names beforehand. */
#define HALL_WECHATPAY_PLATFORM_PUB "wechatpay-platform.pub"
#define HALL_MAIL_CA "sandbox-mail.cer"

enum fact_how { SETTING, SECRET, VENDOR };

struct fact {
    const char *name;
    const char *prefix, *alphabet;
    size_t n;
    enum fact_how how;
    enum ch_conf setting;
};
extern const struct fact facts[];
extern const size_t facts_n;

/* The vendors' side in the folder of setting sandbox_keys, the hall's side in that of `keys`. Returns the register. */
struct ch_json *keys_make(struct ch_arena *a);

/* A file of one of these two folders, as it is. */
char *keys_path(struct ch_arena *a, enum ch_conf folder, const char *file);
char *keys_read(struct ch_arena *a, enum ch_conf folder, const char *file);

#endif
