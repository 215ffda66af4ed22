/* SPDX-License-Identifier: Apache-2.0
 * Which key WeChat signs with: serial -> key, of both kinds at once, since during a merchant's change from one to the
 * other notifications come in a mix ("WeChat Pay public key: how to change over"). Only the adapter includes this.
 *
 * The pairs of setting wechatpay_pubkeys count always. With setting wechatpay_certificates the platform certificates
 * count too: fetched when they are first needed, again after twelve hours, and, at most once a minute, when a serial
 * turns up that is not known. Kept in memory, one list a process, safe from any thread. */
#ifndef CH_GATEWAY_WECHATPAY_KEYS_H
#define CH_GATEWAY_WECHATPAY_KEYS_H

#include "core/base/arena.h"

#include <openssl/evp.h>

/* The key of a serial, the caller's until its arena's reset; NULL when WeChat has no such key that is valid now. May
 * ask WeChat for its certificates. */
EVP_PKEY *ch__wechatpay_key(struct ch_arena *a, const char *serial) CH_MUST;

/* The serial that answers are to be signed with: the first configured public key's, or else the newest certificate's;
 * "" when there is neither. */
const char *ch__wechatpay_own_serial(struct ch_arena *a);

#endif
