/* SPDX-License-Identifier: Apache-2.0
 * The vendors' own knowledge of their customer: numbers, secrets and keys, in the folder of setting sandbox_keys.
 * Made by certhall-sandbox-keys; nothing here is read from the hall's side. */
#ifndef MODULE_SANDBOX_REGISTER_H
#define MODULE_SANDBOX_REGISTER_H

#include "core/base/arena.h"

#include <openssl/evp.h>

#define SANDBOX_REGISTER_FILE "register.json"
#define SANDBOX_WECHAT_PLATFORM "wechat-platform.pem"   /* private: WeChat signs with it */
#define SANDBOX_WECHAT_MERCHANT "wechat-merchant.pub"   /* public: of the merchant's certificate */
#define SANDBOX_CMB_BANK "cmb-bank.pem"                 /* private: the bank signs with it */
#define SANDBOX_CMB_CUSTOMER "cmb-customer.pub"         /* public */

struct sandbox_register {
    const char *merchant_name;
    const char *wechat_appid, *wechat_mchid, *wechat_serial; /* serial: of the merchant's certificate */
    const char *wechat_v3key, *wechat_key_id;                /* key id: PUB_KEY_ID_… of the platform's key */
    EVP_PKEY *wechat_platform, *wechat_merchant;
    const char *tencent_secret_id, *tencent_secret_key, *tencent_sms_app, *tencent_rule;
    const char *cmb_uid, *cmb_sm4, *cmb_account, *cmb_mode;
    EVP_PKEY *cmb_bank, *cmb_customer;
};

/* Reads it; false after logging what is missing. Once, before any thread starts. */
bool sandbox_register_load(void) CH_MUST;
const struct sandbox_register *sandbox_register(void);

#endif
