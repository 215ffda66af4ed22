/* SPDX-License-Identifier: Apache-2.0
 * The caller of certhall-picture: a process of its own that decodes what strangers sent with its hands tied
 * (programs/picture). It gets an empty environment, the file on its standard input and a time-out; what it answers is
 * for the caller to disbelieve. */
#ifndef CH_PAPER_PICTURE_H
#define CH_PAPER_PICTURE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"

struct ch_picture_ask {
    const char *const *words; /* its arguments, NULL behind the last */
    struct ch_bytes file;
    size_t most; /* bytes of an answer */
    int ms;
};

/* Its whole answer, a NUL behind it. CH_E_UNAVAILABLE when it did not come to an end in time, died, or said nothing. */
enum ch_err ch_picture(struct ch_arena *a, struct ch_fault *f, const struct ch_picture_ask *ask, struct ch_buf *answer)
    CH_MUST;

/* What can be told of an uploaded paper (mode "check"). */
#define CH_PAPER_CODES 4
struct ch_paper_look {
    int pages, sharpness;
    bool stamped, sharp;
    const char *codes[CH_PAPER_CODES]; /* the hall's own, CH1|… (core/paper/pdf.h); letters, digits and '|' */
    size_t n;
};
/* CH_E_INVALID: it cannot be read as a picture or a PDF; CH_E_UNAVAILABLE as above. */
enum ch_err ch_paper_look(struct ch_arena *a, struct ch_fault *f, struct ch_bytes file, struct ch_paper_look *out) CH_MUST;
/* Reads such an answer; apart so that it can be tested. False for anything else. */
bool ch_paper_look_read(struct ch_arena *a, const char *said, struct ch_paper_look *out) CH_MUST;

#endif
