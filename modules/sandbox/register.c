/* SPDX-License-Identifier: Apache-2.0
 * The vendors' knowledge of their customer, read from files when a process of the sandbox starts. */
#include "modules/sandbox/register.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"
#include "modules/sandbox/certificate.h"

#include <stdio.h>

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
#define CH_FACT(name, prefix, alphabet, n, how, setting) {#name, &reg.name},
#include "modules/sandbox/register_all.tbl"
#undef CH_FACT
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
        const char *file;
        EVP_PKEY **to;
        EVP_PKEY *(*read)(const char *path);
    } rows[] = {
        {SANDBOX_WECHATPAY_PLATFORM, &reg.wechatpay_platform, ch_key_private},
        {SANDBOX_WECHATPAY_CERT_KEY, &reg.wechatpay_certificate_key, ch_key_private},
        {SANDBOX_WECHATPAY_MERCHANT, &reg.wechatpay_merchant, ch_key_public},
        {SANDBOX_ALIPAY_PLATFORM, &reg.alipay_platform, ch_key_private},
        {SANDBOX_ALIPAY_APP, &reg.alipay_app, ch_key_public},
        {SANDBOX_CMB_BANK, &reg.cmb_bank, ch_key_private},
        {SANDBOX_CMB_CUSTOMER, &reg.cmb_customer, ch_key_public},
    };
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        *rows[i].to = rows[i].read(key_path(rows[i].file));
        if (*rows[i].to == NULL) {
            ch_log(CH_ERROR, NULL, "sandbox register: %s cannot be read", rows[i].file);
            return false;
        }
    }
    reg.wechatpay_certificate = sandbox_certificate_read(key_path(SANDBOX_WECHATPAY_CERT));
    return reg.wechatpay_certificate != NULL;
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
