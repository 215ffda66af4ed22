/* SPDX-License-Identifier: Apache-2.0
 * Opening a key in a token or HSM through OpenSSL's engine for PKCS#11. */
#include "programs/signer/token.h"

#include "core/base/arena.h"
#include "core/base/config.h"
#include "core/base/log.h"
#include "core/pki/algorithm.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Engines are deprecated in OpenSSL 3, but Debian 12 does not have its provider for PKCS#11 yet. Only this file uses an engine. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <openssl/engine.h>

#define URI_MOST 512
#define PIN_MOST 64

bool token_uri_ok(const char *uri)
{
    size_t n = strlen(uri);

    if (strncmp(uri, "pkcs11:", 7) != 0 || n >= URI_MOST || strstr(uri, "pin-value") != NULL ||
        strstr(uri, "pin-source") != NULL)
        return false;
    for (const char *p = uri; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~')
            return false;
    return true;
}

/* Reads the first line of the file of setting pkcs11_pin, a secret of the arena; NULL after logging why. */
static const char *read_pin(struct ch_arena *a)
{
    const char *path = ch_conf(CONF_PKCS11_PIN);
    char *pin = ch_alloc_secret(a, PIN_MOST + 2);
    struct stat st;
    FILE *in = fopen(path, "re");
    bool ok = in != NULL && setvbuf(in, NULL, _IONBF, 0) == 0 && /* so that no copy remains in a buffer */
              fstat(fileno(in), &st) == 0 && (st.st_mode & 077) == 0 && fgets(pin, PIN_MOST + 2, in) != NULL;

    if (in != NULL)
        fclose(in);
    pin[strcspn(pin, "\r\n")] = '\0';
    if (ok && pin[0] != '\0')
        return pin;
    ch_log(CH_ERROR, NULL, "pkcs11_pin %s: not there, empty, or open to others (wanted: mode 0400)", path);
    return NULL;
}

static bool start_engine(ENGINE *e)
{
    struct ch_arena *a = ch_arena_new();
    const char *module = ch_conf(CONF_PKCS11_MODULE), *pin = read_pin(a);
    bool ok = pin != NULL && ENGINE_ctrl_cmd_string(e, "MODULE_PATH", module, 0) == 1 &&
              ENGINE_ctrl_cmd_string(e, "PIN", pin, 0) == 1 && ENGINE_init(e) == 1;

    if (pin != NULL && !ok)
        ch_log(CH_ERROR, NULL, "PKCS#11 module %s: %s", module, ch_openssl_reason());
    ch_arena_free(a);
    return ok;
}

/* The engine, which is started at first use; NULL after logging why. */
static ENGINE *pkcs11_engine(void)
{
    static ENGINE *ready;

    if (ready != NULL)
        return ready;
    ENGINE_load_builtin_engines();
    ENGINE *e = ENGINE_by_id("pkcs11");
    if (e == NULL)
        ch_log(CH_ERROR, NULL, "OpenSSL has no engine pkcs11 (package libengine-pkcs11-openssl)");
    else if (start_engine(e))
        return ready = e;
    ENGINE_free(e);
    return NULL;
}

EVP_PKEY *token_key(const char *uri)
{
    ENGINE *e = token_uri_ok(uri) ? pkcs11_engine() : NULL;
    EVP_PKEY *key = e != NULL ? ENGINE_load_private_key(e, uri, NULL, NULL) : NULL;

    if (e != NULL && key == NULL)
        ch_log(CH_ERROR, NULL, "%s: %s", uri, ch_openssl_reason());
    if (key == NULL || ch_alg_of(key) != NULL)
        return key;
    ch_log(CH_ERROR, NULL, "%s: neither RSA of 2048 bits or more nor P-256", uri);
    EVP_PKEY_free(key);
    return NULL;
}
