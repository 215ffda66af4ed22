/* SPDX-License-Identifier: Apache-2.0
 * Runs certhall-picture, the sandboxed process that decodes uploaded files (programs/picture). It gets an environment without
 * the hall's settings, the file on its standard input, and a time-out. Its answer is not trusted: callers check it. */
#ifndef CH_PAPER_PICTURE_H
#define CH_PAPER_PICTURE_H

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/error.h"

struct ch_picture_ask {
    const char *const *words; /* its arguments, at most four; ends with NULL */
    struct ch_bytes file;
    size_t most; /* largest answer in bytes */
    int ms;      /* time-out in milliseconds */
};

/* Runs it and returns its whole answer, with a NUL behind it. CH_E_UNAVAILABLE when it does not finish in time, or answers
 * nothing; CH_E_INTERNAL when it cannot be started. */
enum ch_err ch_picture(struct ch_arena *a, struct ch_fault *f, const struct ch_picture_ask *ask,
                       struct ch_buf *answer) CH_MUST;

/* The properties of an uploaded paper (mode "check"). */
#define CH_PAPER_CODES 4
struct ch_paper_look {
    int pages, sharpness;
    bool stamped, sharp;
    const char *codes[CH_PAPER_CODES]; /* texts of the hall's QR codes, CH1|… (core/paper/pdf.h): letters, digits and '|' */
    size_t n;
};
/* CH_E_INVALID when the file cannot be read as a picture or a PDF; otherwise as ch_picture. */
enum ch_err ch_paper_look(struct ch_arena *a, struct ch_fault *f, struct ch_bytes file, struct ch_paper_look *out) CH_MUST;
/* Reads the program's answer about a paper; public for its test. False for any other text. */
bool ch_paper_look_read(struct ch_arena *a, const char *said, struct ch_paper_look *out) CH_MUST;

#endif
