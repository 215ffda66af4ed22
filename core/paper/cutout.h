/* SPDX-License-Identifier: Apache-2.0
 * Cuts the impression of a stamp out of a scan. The scan is decoded by certhall-picture, a sandboxed process (programs/picture),
 * as uploaded files are not trusted. Its caller here limits how many run at once and for how long, and accepts nothing from
 * it but a picture of the expected size. */
#ifndef CH_PAPER_CUTOUT_H
#define CH_PAPER_CUTOUT_H

#include "core/sealpicture/sealpicture.h"

#define CH_CUTOUT_MM_MAX 80          /* width and height of the result, millimetres */
#define CH_CUTOUT_AT_ONCE 2          /* in a process */
#define CH_CUTOUT_MS 15000           /* time-out in milliseconds */
#define CH_CUTOUT_BYTES (512 * 1024) /* of the resulting PNG */

struct ch_cutout {
    const char *kind;     /* "unit": round; "person": square or round */
    struct ch_bytes file; /* JPEG, PNG, BMP or GIF */
    int mm;   /* width in millimetres; 0: by the file's resolution, or the usual width of the kind if it has none */
    int turn; /* degrees clockwise, after the stamp was put upright */
    int nth;  /* which of the page's stamps in reading order, from 1; 0: the largest */
};

/* Sets everything but out->svg. CH_E_INVALID with a sentence for the person when no stamp can be cut out (there is none, or it is
 * blurred, too small or cut off); CH_E_UNAVAILABLE when too many are being cut out, or when it takes too long. */
enum ch_err ch_cutout(struct ch_arena *a, struct ch_fault *f, const struct ch_cutout *want,
                      struct ch_sealpicture *out) CH_MUST;

#endif
