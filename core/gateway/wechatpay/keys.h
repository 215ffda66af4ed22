/* SPDX-License-Identifier: Apache-2.0
 * The keys that WeChat signs with, by serial. There are two kinds, public keys and platform certificates, and both are
 * accepted at once: while a merchant changes from one to the other, notifications come with either ("WeChat Pay public key:
 * how to change over"). Only the adapter includes this.
 *
 * The keys of setting wechatpay_pubkeys always count. With setting wechatpay_certificates the platform certificates count as
 * well: they are fetched when they are first needed, again after twelve hours, and, at most once a minute, when an unknown
 * serial appears. Each process keeps one list in memory. The functions may be called from any thread. */
#ifndef CH_GATEWAY_WECHATPAY_KEYS_H
#define CH_GATEWAY_WECHATPAY_KEYS_H

#include "core/base/arena.h"

#include <openssl/evp.h>

/* The key of a serial, valid until the arena's reset; NULL when WeChat has no such key that is valid now. May ask WeChat for
 * its certificates. */
EVP_PKEY *ch__wechatpay_key(struct ch_arena *a, const char *serial) CH_MUST;

/* The serial of the key that WeChat is asked to sign its answers with: that of the first configured public key, otherwise that
 * of the newest certificate; "" when there is neither. */
const char *ch__wechatpay_own_serial(struct ch_arena *a);

#endif
