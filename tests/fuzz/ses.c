/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: an electronic seal, or its use, from a stranger. What is read stays within its bytes, and looking at it
 * ends. */
#include "core/pki/ses.h"

#include <stdlib.h>

#define NOW INT64_C(1780000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct ch_bytes all, struct ch_bytes part)
{
    if (part.n > 0 && (part.p < all.p || part.p + part.n > all.p + all.n))
        abort();
}

static void look_at(struct ch_bytes all, const struct ch_ses *s)
{
    within(all, s->info);
    within(all, s->picture);
    within(all, s->maker);
    within(all, s->signature);
    within(all, s->time_stamp);
    if (s->n_certs > CH_SES_CERTS)
        abort();
    for (size_t i = 0; i < s->n_certs; i++)
        within(all, s->certs[i]);
    (void)!ch_ses_may_use(s, s->maker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct ch_bytes all = CH_BYTES(data, size);
    struct ch_ses seal;
    struct ch_ses_use use;

    (void)!ch_ses_check(a, all, NOW, NULL);
    if (ch_ses_read(a, all, &seal))
        look_at(all, &seal);
    if (ch_ses_use_read(a, all, &use)) {
        look_at(all, &use.seal);
        within(all, use.tbs);
        within(all, use.cert);
        (void)!ch_ses_use_verify(&use, all);
    }
    ch_arena_free(a);
    return 0;
}
