/* SPDX-License-Identifier: Apache-2.0
 * The printable application form: A4, real embedded fonts (rare characters such as U+20BB7 included), drawn by cairo and
 * pango. A QR at the top carries order, version and mark, so that a scan can be told from an older or altered form. */
#ifndef CH_HALL_PDF_H
#define CH_HALL_PDF_H

#include "core/hall/form.h"

struct ch_pdf_form {
    const char *title;      /* of the project */
    const char *authority;  /* full name of the CA */
    const char *number;     /* of the order */
    const char *code;       /* text of the QR */
    bool natural;           /* a natural person's: no stamp, no declaration of a unit */
    const char *unit;       /* name of the unit, or of the person */
    const char *agent;      /* name of the handler */
    const struct ch_form_row *rows;
    size_t n;
};

/* The finished document. Drawn one at a time in a process: it is quick, and fonts are large. */
enum ch_err ch_pdf_form(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_form *form, struct ch_bytes *pdf) CH_MUST;

#endif
