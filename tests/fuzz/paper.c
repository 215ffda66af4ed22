/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: a paper from a stranger, a picture or a PDF, looked at as a whole (fuzzes: libpicture.a). What is said of it
 * is within its bounds, and is read again by who asked. */
#include "programs/picture/picture.h"

#include "core/paper/picture.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_arena *a = ch_arena_new();
    struct verdict v;
    struct ch_paper_look l;
    enum picture_end e = picture_check(a, CH_BYTES(data, size), &v);

    if (e == PICTURE_OK) {
        if (v.pages < 1 || v.pages > PAPER_PAGES_MAX || v.sharpness < 0 || v.sharpness > 100 || v.n > PAPER_CODES_MAX)
            abort();
        if (!ch_paper_look_read(a, picture_said(a, e, &v), &l) || l.n != v.n || l.stamped != v.stamped)
            abort();
    }
    ch_arena_free(a);
    return 0;
}
