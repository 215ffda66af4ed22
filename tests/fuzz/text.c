/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: the check of texts. A normalized text is normalized, a text without a fault shows all of itself, and what is made
 * visible hides nothing any more. */
#include "core/base/text.h"

#include "core/base/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct ch_arena *a, const char *s)
{
    const char *nfc = ch_text_nfc(a, s), *fault = ch_text_fault(a, nfc);
    struct ch_bytes text = CH_BYTES(nfc, strlen(nfc)), visible = ch_text_visible(a, text);

    if ((fault == NULL) != ch_text_clean(nfc) || (fault == NULL && ch_text_nfc(a, nfc) != nfc))
        abort();
    if (fault == NULL && (visible.p != text.p || !ch_utf8(nfc, strlen(nfc), NULL)))
        abort();
    if (fault != NULL && !ch_utf8(fault, strlen(fault), NULL))
        abort();
    if (ch_text_visible(a, visible).p != visible.p)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();

    judge(a, ch_strndup(a, data, size));
    ch_arena_free(a);
    return 0;
}
