/* SPDX-License-Identifier: Apache-2.0
 * The impression of a stamp cut out of a scan, by certhall-picture: a process of its own that decodes what strangers sent
 * with its hands tied (programs/picture). This is its caller: few at once, a time-out, nothing of it is believed but a
 * picture of the expected shape. */
#ifndef CH_PAPER_CUTOUT_H
#define CH_PAPER_CUTOUT_H

#include "core/sealpicture/sealpicture.h"

#define CH_CUTOUT_MM_MAX 80
#define CH_CUTOUT_AT_ONCE 2
#define CH_CUTOUT_MS 15000
#define CH_CUTOUT_BYTES (512 * 1024) /* of the picture that comes back */

struct ch_cutout {
    const char *kind;     /* "unit": round; "person": square or round */
    struct ch_bytes file; /* JPEG, PNG, BMP or GIF */
    int mm;               /* width in millimetres; 0: by the file's resolution, else the usual one of the kind */
    int turn;             /* clockwise, degrees, after it was put upright */
    int nth;              /* which of the page's stamps as one reads, from 1; 0: the largest */
};

/* The picture without svg. CH_E_INVALID with a sentence when there is no stamp to be cut out (none, blurred, too small, cut
 * off), CH_E_UNAVAILABLE when too many are being cut out or it takes too long. */
enum ch_err ch_cutout(struct ch_arena *a, struct ch_fault *f, const struct ch_cutout *want,
                      struct ch_sealpicture *out) CH_MUST;

#endif
