/* SPDX-License-Identifier: Apache-2.0
 * Two services for scanned pages: finding the impression of a stamp, turning it upright and cutting it out without the paper
 * around it; and checking a whole paper for a stamp, sharpness and the hall's QR codes.
 *
 * Pictures are rows of RGB bytes; ink is a map that tells for each dot how much of it red ink covers, 0 to 255. All functions work
 * only on memory that they are given, so they can be tested and fuzzed without a process of their own. Results belong to the
 * arena. */
#ifndef PICTURE_PICTURE_H
#define PICTURE_PICTURE_H

#include "core/base/arena.h"
#include "core/format/png.h"

#define PICTURE_BYTES_MAX (4 * 1024 * 1024) /* of the file */
#define PICTURE_DOTS_MAX (16 * 1000 * 1000) /* a larger picture is scaled down while it is decoded */

/* The result of a search for an impression, and why it failed. */
enum picture_end {
    PICTURE_OK,
    PICTURE_UNREADABLE, /* not one of the formats, damaged, or too large */
    PICTURE_NONE,       /* there is hardly any red ink */
    PICTURE_SMALL,      /* it has too few dots for a picture */
    PICTURE_BLURRED,
    PICTURE_CUT,   /* it reaches the edge of the page */
    PICTURE_SHAPE, /* red, but neither a ring nor a square */
};
/* The word for the caller: "ok", "unreadable" and so on. */
const char *picture_word(enum picture_end e);

struct scan {
    int width, height;
    const unsigned char *rgb;
    double dots_per_mm; /* 0: the file does not say */
};

/* Decodes a JPEG, PNG, BMP or GIF file (decode.c). */
enum picture_end picture_decode(struct ch_arena *a, struct ch_bytes file, struct scan *out);

/* Red ink on paper. picture_ink separates the colours, so that grey and black print beside or under the ink counts as paper
 * (ink.c). */
struct ink {
    int width, height;
    unsigned char *cover;    /* one byte for each dot */
    unsigned char colour[3]; /* the ink's own colour, RGB */
};
enum picture_end picture_ink(struct ch_arena *a, const struct scan *s, struct ink *out);

/* One stamp: with `nth` 0 the largest patch of red, otherwise the `nth` of several, counted from 1 in reading order. picture_find
 * erases everything else from the map (find.c). */
struct patch {
    int x0, y0, x1, y1; /* the bounding box of the ink, including the last dots */
    double x, y;        /* its middle */
    double radius;      /* of a ring; of a square half its side */
    bool round;
    double turn; /* by how much it is rotated, in radians clockwise */
};
enum picture_end picture_find(struct ch_arena *a, struct ink *ink, int nth, struct patch *out);
/* Measures shape, middle, size and rotation of the ink in the box (straight.c). */
enum picture_end picture_measure(const struct ink *ink, struct patch *p);

/* How the impression is to be cut out. */
struct wish {
    bool round;      /* it must be a ring, as a unit's stamp is */
    int mm;          /* its width; 0: by the scan's resolution, or else `usual` */
    int usual;       /* the usual width of this kind, in millimetres */
    int least, most; /* a width that the resolution gives is used if it is between these */
    double turn;     /* a further rotation, in radians clockwise */
    int nth;         /* which of the page's stamps; 0: the largest patch of red */
};
struct cutting {
    struct ch_pixels pixels;
    int mm;
    double dots_per_mm;
};
/* Finds the impression in a scan and cuts it out (cut.c). */
enum picture_end picture_cut(struct ch_arena *a, const struct scan *s, const struct wish *w, struct cutting *out);

/* ---- the check of a whole paper ---- */

#define PAPER_PAGES_MAX 4    /* further pages of a PDF are not checked */
#define PAPER_SIDE 1800      /* dots along the longer side of a page when it is checked: A4 at 150 dpi */
#define PAPER_SIDE_LEAST 500 /* a picture with fewer dots cannot be read by people */
#define PAPER_CODES_MAX 4
#define PAPER_CODE_MAX 120   /* characters */
#define PAPER_SHARP_LEAST 28 /* of picture_sharpness */

/* Decodes a picture as one page, or the first pages of a PDF. Returns the number of pages; 0 when it cannot be read (pages.c). */
int picture_pages(struct ch_arena *a, struct ch_bytes file, struct scan pages[PAPER_PAGES_MAX]);
/* The same for a PDF, whose pages are drawn with a longer side of PAPER_SIDE dots (pdf.c). */
int picture_pdf(struct ch_arena *a, struct ch_bytes file, struct scan pages[PAPER_PAGES_MAX]);
/* The brightness of a page, one byte for each dot, scaled down so that no side is longer than `side` (pages.c). */
struct grey {
    int width, height;
    unsigned char *dots;
};
struct grey picture_grey(struct ch_arena *a, const struct scan *s, int side);
/* The page itself, scaled down in the same way. */
struct scan picture_smaller(struct ch_arena *a, const struct scan *s, int side);

/* How steep the edges of print are: the share of an edge's height that its steepest step has, in hundredths. The result is the
 * median of all edges in the direction where it is smaller; 0 when there are too few edges (sharp.c). */
int picture_sharpness(struct ch_arena *a, const struct grey *g);

/* Reads the hall's own codes (CH1|…) from the QR codes of a page and adds them to `codes`, which has `n` already. A code has only
 * letters, digits and '|'. Returns the new number of codes (code.c). */
size_t picture_codes(struct ch_arena *a, const struct grey *g, const char *codes[PAPER_CODES_MAX], size_t n);

struct verdict {
    int pages;     /* how many were checked */
    bool stamped;  /* there is something red with the proportions of a stamp */
    int sharpness; /* of the worst page that is not empty */
    bool sharp;
    const char *codes[PAPER_CODES_MAX];
    size_t n;
};
/* Checks a whole file (check.c). */
enum picture_end picture_check(struct ch_arena *a, struct ch_bytes file, struct verdict *out);
/* The verdict as text: "ok PAGES STAMP SHARP SHARPNESS\n" and a line "code …" for each code, or "no WORD\n". */
char *picture_said(struct ch_arena *a, enum picture_end e, const struct verdict *v);

/* The requirements of a kind of stamp, "unit" or "person"; NULL for another word. */
const struct wish *picture_kind(const char *word);

#endif
