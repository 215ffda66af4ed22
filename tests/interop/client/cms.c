/* SPDX-License-Identifier: Apache-2.0
 * Signed data as our tests make it, for others to read. */
#include "tests/interop/client/client.h"

#include "core/base/codec.h"
#include "tests/unit/pki_make.h"

static bool said(const struct ch_json *in, const char *key)
{
    const struct ch_json *member = ch_json_get(in, key);
    return member != NULL && member->truth;
}

/* "content" (text), "algorithm", "attached", "bare", "gm", "meant": { "cms": base64 }. */
bool client_cms_make(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const char *content = client_text(in, "content", "");
    struct pair signer =
        make_cert(NULL, (struct wish){.name = "签名人", .algorithm = client_text(in, "algorithm", "sm2")});
    struct ch_bytes cms = make_cms(a, (struct cms_wish){.content = CH_BYTES(content, strlen(content)),
                                                        .time = NOON,
                                                        .attached = said(in, "attached"),
                                                        .bare = said(in, "bare"),
                                                        .gm = said(in, "gm"),
                                                        .meant = said(in, "meant"),
                                                        .signers = {&signer}});

    (void)f;
    ch_jw_text(out, "cms", ch_base64(a, cms));
    free_pair(&signer);
    return true;
}
