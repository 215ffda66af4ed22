/* SPDX-License-Identifier: Apache-2.0
 * The vendors' knowledge of their customer, read from files when a process of the sandbox starts. */
#include "modules/sandbox/register.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"
#include "modules/sandbox/certificate.h"

#include <stdio.h>
#include <string.h>

static struct sandbox_register reg;
static struct ch_arena *memory; /* never reset: the register is read once and kept as long as the process lives */

const struct sandbox_register *sandbox_register(void)
{
    return &reg;
}

static char *key_path(const char *file)
{
    return ch_printf(memory, "%s/%s", ch_conf(CONF_SANDBOX_KEYS), file);
}

char *sandbox_key_file(struct ch_arena *a, const char *name, const char *ending)
{
    char *file = ch_printf(a, "%s%s", name, ending);

    for (char *p = file; (p = strchr(p, '_')) != NULL;)
        *p = '-';
    return file;
}

const char *sandbox_key_ending(enum sandbox_side private_side)
{
    return private_side == VENDOR ? ".pem" : ".pub";
}

static struct ch_json *read_register(void)
{
    char text[8192];
    struct ch_json *root = NULL;
    FILE *f = fopen(key_path(SANDBOX_REGISTER_FILE), "re");

    if (f == NULL)
        return NULL;
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    return ch_json_parse(memory, CH_BYTES(text, n), &root, NULL) == CH_JSON_OK ? root : NULL;
}

static bool read_facts(const struct ch_json *root)
{
    const struct {
        const char *key;
        const char **to;
    } rows[] = {
#define SANDBOX_FACT(name, ...) {#name, &reg.name},
#include "modules/sandbox/vendor_all.tbl"
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        *rows[i].to = ch_json_text(root, rows[i].key);
        if (*rows[i].to == NULL) {
            ch_log(CH_ERROR, NULL, "sandbox register: %s is missing", rows[i].key);
            return false;
        }
    }
    return true;
}

static bool read_keys(void)
{
    const struct {
        const char *name;
        enum sandbox_side side;
        EVP_PKEY **key;
        X509 **certificate; /* NULL: the key has none */
    } rows[] = {
#define SANDBOX_KEY(name, kind, side, ...) {#name, side, &reg.name, NULL},
#define SANDBOX_CERTIFICATE(name, ...) {#name, VENDOR, &reg.name##_key, &reg.name},
#include "modules/sandbox/vendor_all.tbl"
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        const char *path = key_path(sandbox_key_file(memory, rows[i].name, sandbox_key_ending(rows[i].side)));
        *rows[i].key = rows[i].side == VENDOR ? ch_key_private(path) : ch_key_public(path);
        if (rows[i].certificate != NULL)
            *rows[i].certificate = sandbox_certificate_read(key_path(sandbox_key_file(memory, rows[i].name, ".cer")));
        if (*rows[i].key == NULL || (rows[i].certificate != NULL && *rows[i].certificate == NULL)) {
            ch_log(CH_ERROR, NULL, "sandbox register: %s cannot be read", rows[i].name);
            return false;
        }
    }
    return true;
}

bool sandbox_register_load(void)
{
    memory = ch_arena_new();
    const struct ch_json *root = read_register();
    if (root == NULL) {
        ch_log(CH_ERROR, NULL, "sandbox register: it cannot be read; make it with certhall-sandbox-keys");
        return false;
    }
    reg.merchant_name = ch_conf(CONF_BRAND_NAME);
    return read_facts(root) && read_keys();
}
