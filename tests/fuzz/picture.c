/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: a scan from a stranger, decoded and searched for a stamp (fuzzes: libpicture.a). What comes out is a picture
 * of bounded size. */
#include "programs/picture/picture.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct scan scan;
    struct cutting cut;

    if (picture_decode(a, CH_BYTES(data, size), &scan) == PICTURE_OK && scan.width * (double)scan.height < 4e6) {
        if (picture_cut(a, &scan, picture_kind("unit"), &cut) == PICTURE_OK && (cut.pixels.width > 945 || cut.mm > 58))
            abort();
        if (picture_cut(a, &scan, picture_kind("person"), &cut) == PICTURE_OK && cut.pixels.width != cut.pixels.height)
            abort();
    }
    ch_arena_free(a);
    return 0;
}
