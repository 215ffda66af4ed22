/* SPDX-License-Identifier: Apache-2.0
 * Papers to print, sign and stamp: A4 PDFs with embedded fonts (rare characters such as U+20BB7 included), drawn by cairo and
 * pango. The QR code at the top has the order number and the keyed hash of the printed fields, by which the scan of an older or
 * altered paper, or of another kind of paper, is recognized. */
#ifndef CH_PAPER_PDF_H
#define CH_PAPER_PDF_H

#include "core/form/form.h"

/* An empty frame for a stamp or a signature, whose picture is later cut out of the scan. */
struct ch_pdf_frame {
    const char *caption;
};

struct ch_pdf_paper {
    const char *title;
    const char *authority; /* full name of the CA */
    const char *number;    /* of the order */
    const char *code;      /* text of the QR code; of several sheets, each has its place behind it */
    const char *version;   /* of what is printed; shown on a paper of several sheets, to tell which belong together */
    const struct ch_form_row *rows;
    size_t n;
    const struct ch_pdf_frame *frames;
    size_t frames_n;
    const char *foot; /* title of the last block */
    const char *declaration;
    const char *signer; /* who signs: "经办人" */
    const char *unit;   /* whose stamp goes beside the signature; NULL: none */
};

/* Draws the document, on one sheet if it can be; otherwise each sheet has the number, the version, the QR code and its place among
 * the sheets. *pdf is the arena's. A process draws one at a time, since drawing is quick and fonts take much memory. */
enum ch_err ch_pdf_paper(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_paper *paper,
                         struct ch_bytes *pdf) CH_MUST;

#endif
