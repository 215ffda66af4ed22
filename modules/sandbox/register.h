/* SPDX-License-Identifier: Apache-2.0
 * The vendors' own knowledge of their customer: numbers, secrets and keys, in the folder of setting sandbox_keys. They are made
 * by certhall-sandbox-keys; nothing here is read from the hall's side.
 *
 * A vendor's register.tbl lists what vendor and customer agree on in their contract. Columns: name; how the value begins; its
 * alphabet; its number of random characters; how the hall learns it: SETTING (a line of its settings), SECRET (a file in `keys`
 * that the setting names) or VENDOR (not at all). */
#ifndef MODULE_SANDBOX_REGISTER_H
#define MODULE_SANDBOX_REGISTER_H

#include "core/base/arena.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#define SANDBOX_REGISTER_FILE "register.json"
#define SANDBOX_WECHATPAY_PLATFORM "wechatpay-platform.pem"    /* private: WeChat signs with it */
#define SANDBOX_WECHATPAY_CERT_KEY "wechatpay-certificate.pem" /* private: the key of its platform certificate */
#define SANDBOX_WECHATPAY_CERT "wechatpay-certificate.cer"     /* that certificate, PEM */
#define SANDBOX_WECHATPAY_MERCHANT "wechatpay-merchant.pub"    /* public: of the merchant's certificate */
#define SANDBOX_ALIPAY_PLATFORM "alipay-platform.pem"          /* private: Alipay signs with it */
#define SANDBOX_ALIPAY_APP "alipay-app.pub"                    /* public: of the application */
#define SANDBOX_CMB_BANK "cmb-bank.pem"                        /* private: the bank signs with it */
#define SANDBOX_CMB_CUSTOMER "cmb-customer.pub"                /* public */
#define SANDBOX_MAIL_KEY "mail-server.pem"                     /* private: TLS of the mail server */
#define SANDBOX_MAIL_CERT "mail-server.cer"                    /* its certificate, PEM, for 127.0.0.20 */

struct sandbox_register {
    const char *merchant_name; /* setting brand_name */
#define CH_FACT(name, prefix, alphabet, n, how, setting) const char *name;
#include "modules/sandbox/register_all.tbl"
#undef CH_FACT
    EVP_PKEY *wechatpay_platform, *wechatpay_certificate_key, *wechatpay_merchant;
    X509 *wechatpay_certificate;
    EVP_PKEY *alipay_platform, *alipay_app;
    EVP_PKEY *cmb_bank, *cmb_customer;
};

/* Reads the register; false after logging what is missing. To be called once, before any thread starts. */
bool sandbox_register_load(void) CH_MUST;
const struct sandbox_register *sandbox_register(void);

#endif
