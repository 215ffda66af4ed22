/* SPDX-License-Identifier: Apache-2.0 */
#include "modules/sandbox/register.h"

#include "core/base/config.h"
#include "core/base/log.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"

#include <stdio.h>

static struct sandbox_register reg;
static struct ch_arena *memory; /* never reset: read once, kept as long as the process */

const struct sandbox_register *sandbox_register(void)
{
    return &reg;
}

static char *path_of(const char *file)
{
    return ch_printf(memory, "%s/%s", ch_conf(CONF_SANDBOX_KEYS), file);
}

static struct ch_json *read_json(void)
{
    char text[8192];
    struct ch_json *root = NULL;
    FILE *f = fopen(path_of(SANDBOX_REGISTER_FILE), "re");

    if (f == NULL)
        return NULL;
    size_t n = fread(text, 1, sizeof text, f);
    fclose(f);
    return ch_json_parse(memory, CH_BYTES(text, n), &root, NULL) == CH_JSON_OK ? root : NULL;
}

static bool read_texts(const struct ch_json *root)
{
    const struct {
        const char *key;
        const char **to;
    } rows[] = {
        {"merchant_name", &reg.merchant_name},
        {"wechat_appid", &reg.wechat_appid},
        {"wechat_mchid", &reg.wechat_mchid},
        {"wechat_serial", &reg.wechat_serial},
        {"wechat_v3key", &reg.wechat_v3key},
        {"wechat_key_id", &reg.wechat_key_id},
        {"tencent_secret_id", &reg.tencent_secret_id},
        {"tencent_secret_key", &reg.tencent_secret_key},
        {"tencent_sms_app", &reg.tencent_sms_app},
        {"tencent_rule", &reg.tencent_rule},
        {"cmb_uid", &reg.cmb_uid},
        {"cmb_sm4", &reg.cmb_sm4},
        {"cmb_account", &reg.cmb_account},
        {"cmb_mode", &reg.cmb_mode},
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

bool sandbox_register_load(void)
{
    memory = ch_arena_new();
    const struct ch_json *root = read_json();
    if (root == NULL) {
        ch_log(CH_ERROR, NULL, "sandbox register: cannot be read; make it with certhall-sandbox-keys");
        return false;
    }
    reg.wechat_platform = ch_key_private(path_of(SANDBOX_WECHAT_PLATFORM));
    reg.wechat_merchant = ch_key_public(path_of(SANDBOX_WECHAT_MERCHANT));
    reg.cmb_bank = ch_key_private(path_of(SANDBOX_CMB_BANK));
    reg.cmb_customer = ch_key_public(path_of(SANDBOX_CMB_CUSTOMER));
    if (reg.wechat_platform == NULL || reg.wechat_merchant == NULL || reg.cmb_bank == NULL || reg.cmb_customer == NULL) {
        ch_log(CH_ERROR, NULL, "sandbox register: a key file cannot be read");
        return false;
    }
    return read_texts(root);
}
