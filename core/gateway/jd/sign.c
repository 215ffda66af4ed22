/* SPDX-License-Identifier: Apache-2.0
 * The signature of a call to JD Logistics. */
#include "core/gateway/jd/sign.h"

#include "core/base/buf.h"
#include "core/base/codec.h"
#include "core/crypto/digest.h"

char *ch_jd_sign(struct ch_arena *a, const char *secret, const struct ch_jd_signed *s)
{
    unsigned char md5[CH_MD5_BYTES];
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_printf(&b, "%saccess_token%sapp_key%smethod%sparam_json", secret, s->access_token, s->app_key, s->path);
    ch_buf_add(&b, s->body.p, s->body.n);
    ch_buf_printf(&b, "timestamp%sv2.0%s", s->timestamp, secret);
    ch_legacy_md5(ch_buf_bytes(&b), md5);
    return ch_hex(a, CH_BYTES(md5, sizeof md5));
}
