/* SPDX-License-Identifier: Apache-2.0
 * Signatures inside of PDF files (ISO 32000-1, 12.8): a detached CMS as hexadecimal digits in /Contents, over everything but
 * those digits, which /ByteRange says. A file signed several times has grown with each signature: each covers the file as
 * it was then.
 *
 * The file is searched, not parsed: what decides is that a range starts at the first byte, leaves out its own digits and
 * not a byte more, and where it ends. */
#ifndef CH_PKI_PDF_H
#define CH_PKI_PDF_H

#include "core/base/arena.h"

#define CH_PDF_SIGNATURES 16 /* in one file; more are not looked for */

struct ch_pdf_signature {
    bool sound;          /* the range is as it must be; otherwise nothing below but `end` counts */
    size_t hole, after;  /* offsets of the digits' '<' and behind their '>' */
    size_t end;          /* bytes of the file that it reaches over */
    struct ch_bytes cms; /* decoded, with the zeros behind it */
};

bool ch_pdf_is(struct ch_bytes file) CH_MUST;
/* The signatures in the order of what they cover, the first one made first; their number. */
size_t ch_pdf_signatures(struct ch_arena *a, struct ch_bytes file, struct ch_pdf_signature out[CH_PDF_SIGNATURES]);
/* What a sound signature signs: the file up to its end without its digits, as one piece. */
struct ch_bytes ch_pdf_signed(struct ch_arena *a, struct ch_bytes file, const struct ch_pdf_signature *s);

#endif
