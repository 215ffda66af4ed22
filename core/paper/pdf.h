/* SPDX-License-Identifier: Apache-2.0
 * Papers to print, sign and stamp: A4, real embedded fonts (rare characters such as U+20BB7 included), drawn by cairo and
 * pango. A QR at the top carries order, version and mark, so that a scan can be told from an older or altered paper and from
 * one of another kind. */
#ifndef CH_PAPER_PDF_H
#define CH_PAPER_PDF_H

#include "core/form/form.h"

/* An empty frame in which a unit stamps or a person signs, so that its picture can be cut out of the scan. */
struct ch_pdf_frame {
    const char *caption;
};

struct ch_pdf_paper {
    const char *title;
    const char *authority;   /* full name of the CA */
    const char *number;      /* of the order */
    const char *code;        /* text of the QR */
    const struct ch_form_row *rows;
    size_t n;
    const struct ch_pdf_frame *frames;
    size_t frames_n;
    const char *foot;        /* title of the last block */
    const char *declaration;
    const char *signer;      /* who signs by hand: "经办人" */
    const char *unit;        /* whose stamp goes beside it; NULL: none */
};

/* The finished document. Drawn one at a time in a process: it is quick, and fonts are large. */
enum ch_err ch_pdf_paper(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_paper *paper, struct ch_bytes *pdf) CH_MUST;

#endif
