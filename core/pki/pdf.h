/* SPDX-License-Identifier: Apache-2.0
 * Signatures in PDF files (ISO 32000-1, 12.8). A signature is a detached CMS, written as hexadecimal digits in /Contents;
 * /ByteRange says that it covers everything but those digits. Each further signature is appended to the file, so that every
 * signature covers the file as it was at that time.
 *
 * The file is searched, not parsed: what counts is that a range starts at the first byte, leaves out exactly its own digits,
 * and where it ends. */
#ifndef CH_PKI_PDF_H
#define CH_PKI_PDF_H

#include "core/base/arena.h"

#define CH_PDF_SIGNATURES 16 /* in one file; further ones are ignored */

struct ch_pdf_signature {
    bool sound;          /* the range is as it must be; otherwise only `end` below is valid */
    size_t hole, after;  /* offset of the '<' before the digits, and of the byte behind their '>' */
    size_t end;          /* bytes of the file up to the end of the range */
    struct ch_bytes cms; /* decoded, including the padding zeros behind it */
};

/* Whether the file is a PDF, by its header. */
bool ch_pdf_is(struct ch_bytes file) CH_MUST;
/* Finds the signatures, in the order in which they were made, and returns their number. */
size_t ch_pdf_signatures(struct ch_arena *a, struct ch_bytes file, struct ch_pdf_signature out[CH_PDF_SIGNATURES]);
/* The bytes that a sound signature covers, joined: the file up to `end` without the digits. */
struct ch_bytes ch_pdf_signed(struct ch_arena *a, struct ch_bytes file, const struct ch_pdf_signature *s);

#endif
