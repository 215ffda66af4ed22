/* SPDX-License-Identifier: Apache-2.0
 * The digest of a message to SF Express (丰桥, "数字签名认证说明"). There are three methods; one of them is chosen for an
 * application in SF's console. Client and sandbox both use it. */
#ifndef CH_GATEWAY_SF_SIGN_H
#define CH_GATEWAY_SF_SIGN_H

#include "core/base/arena.h"

enum ch_sf_digest {
    CH_SF_NONE = 0,
    CH_SF_STANDARD_MD5, /* base64 of the MD5 of the URL-encoded text */
    CH_SF_SIMPLE_MD5,   /* base64 of the MD5 of the text */
    CH_SF_SM3,          /* lower-case hex of its SM3 */
};

/* The method of a setting's word (standard_md5, simple_md5, sm3); CH_SF_NONE for any other word. */
enum ch_sf_digest ch_sf_digest_of(const char *word);

/* msgDigest over msgData + timestamp + check word. msgData must be the very bytes that are sent. */
char *ch_sf_sign(struct ch_arena *a, enum ch_sf_digest how, struct ch_bytes msg_data, const char *timestamp,
                 const char *checkword);

/* URL encoding like that of java.net.URLEncoder, which SF uses: a space becomes '+', "*-._" are kept, and '~' is encoded. */
char *ch_sf_urlencode(struct ch_arena *a, struct ch_bytes text);

#endif
