/* SPDX-License-Identifier: Apache-2.0
 * The impression of a stamp in a scanned page: found, made upright, cut out, its ink parted from the paper.
 *
 * Pictures here are rows of RGB bytes; ink is a map of how much red ink covers each dot, 0 to 255. Everything works on
 * memory that was given and has no other input, so that it can be tested and fuzzed without a process around it. */
#ifndef PICTURE_PICTURE_H
#define PICTURE_PICTURE_H

#include "core/base/arena.h"
#include "core/format/png.h"

#define PICTURE_BYTES_MAX (4 * 1024 * 1024) /* of the file */
#define PICTURE_SIDE_MAX 12000              /* dots */
#define PICTURE_DOTS_MAX (16 * 1000 * 1000) /* larger ones are scaled down while they are decoded */

/* Why there is nothing to be cut out. */
enum picture_end {
    PICTURE_OK,
    PICTURE_UNREADABLE, /* not one of the formats, broken, too large */
    PICTURE_NONE,       /* no red ink to speak of */
    PICTURE_SMALL,      /* too few dots to make a picture of */
    PICTURE_BLURRED,
    PICTURE_CUT,        /* it goes over the page's edge */
    PICTURE_SHAPE,      /* red, but neither a ring nor a square */
};
/* "ok", "unreadable", …: what is said to the caller. */
const char *picture_word(enum picture_end e);

struct scan {
    int width, height;
    const unsigned char *rgb;
    double dots_per_mm; /* 0: the file does not say */
};

/* JPEG, PNG, BMP or GIF (decode.c). */
enum picture_end picture_decode(struct ch_arena *a, struct ch_bytes file, struct scan *out);

/* Red ink on paper (ink.c): colours are un-mixed, so that grey and black print beside or under it counts as paper. Gives the
 * ink's own colour as well. */
struct ink {
    int width, height;
    unsigned char *cover; /* a byte a dot */
    unsigned char colour[3];
};
enum picture_end picture_ink(struct ch_arena *a, const struct scan *s, struct ink *out);

/* One stamp: the largest patch of red, or the `nth` (from 1) of several as one reads (find.c). Everything else is wiped off
 * the map. */
struct patch {
    int x0, y0, x1, y1;  /* the ink's box, the last dots included */
    double x, y;         /* its middle */
    double radius;       /* of a ring; half the side of a square */
    bool round;
    double turn;         /* how far it stands askew, radians clockwise */
};
enum picture_end picture_find(struct ch_arena *a, struct ink *ink, int nth, struct patch *out);
/* Shape, middle, size and turn of what is on the map within the box (straight.c). */
enum picture_end picture_measure(const struct ink *ink, struct patch *p);

/* How it shall come out. */
struct wish {
    bool round;  /* a unit's stamp must be */
    int mm;      /* width; 0: by the resolution, else `usual` */
    int usual;   /* millimetres of the kind, and between which a measured width is believed */
    int least, most;
    double turn; /* further, radians clockwise */
    int nth;     /* of the page's stamps; 0: the largest patch of red */
};
struct cutting {
    struct ch_pixels pixels;
    int mm;
    double dots_per_mm;
};
/* The whole way from a scan (cut.c). */
enum picture_end picture_cut(struct ch_arena *a, const struct scan *s, const struct wish *w, struct cutting *out);

/* ---- a paper looked at as a whole, before anybody pays for it ---- */

#define PAPER_PAGES_MAX 4  /* of a PDF; what comes behind is not looked at */
#define PAPER_SIDE 1800    /* dots along the longer side of a page as it is judged: A4 at 150 dpi */
#define PAPER_SIDE_LEAST 500 /* a picture with less cannot be read */
#define PAPER_CODES_MAX 4
#define PAPER_CODE_MAX 120 /* characters */
#define PAPER_SHARP_LEAST 28 /* of picture_sharpness */

/* The pages of a file: the one of a picture, the first ones of a PDF (pages.c). Gives how many; 0: it cannot be read. */
int picture_pages(struct ch_arena *a, struct ch_bytes file, struct scan pages[PAPER_PAGES_MAX]);
/* The same of a PDF, each drawn PAPER_SIDE dots long (pdf.c). */
int picture_pdf(struct ch_arena *a, struct ch_bytes file, struct scan pages[PAPER_PAGES_MAX]);
/* Brightness of a page, a byte a dot, no side longer than `side` (pages.c). */
struct grey {
    int width, height;
    unsigned char *dots;
};
struct grey picture_grey(struct ch_arena *a, const struct scan *s, int side);
/* The page itself, scaled down to `side` where it is larger. */
struct scan picture_smaller(struct ch_arena *a, const struct scan *s, int side);

/* How steep the edges of print are: the share of an edge's height that its steepest step takes, in hundredths, the middle
 * one of all edges; in the direction where it is less. 0: there are no edges (sharp.c). */
int picture_sharpness(struct ch_arena *a, const struct grey *g);

/* The hall's own codes (CH1|…) in QRs of a page (code.c): letters, digits and '|' alone. Gives how many there are by now. */
size_t picture_codes(struct ch_arena *a, const struct grey *g, const char *codes[PAPER_CODES_MAX], size_t n);

struct verdict {
    int pages;     /* looked at */
    bool stamped;  /* red, of a stamp's proportions */
    int sharpness; /* of the worst page that has something on it */
    bool sharp;
    const char *codes[PAPER_CODES_MAX];
    size_t n;
};
/* Looks at a whole file (check.c). */
enum picture_end picture_check(struct ch_arena *a, struct ch_bytes file, struct verdict *out);
/* "ok PAGES STAMP SHARP SHARPNESS\n" and a line "code …" each, or "no WORD\n". */
char *picture_said(struct ch_arena *a, enum picture_end e, const struct verdict *v);

/* What a kind of stamp ("unit", "person") asks for; NULL for another word. */
const struct wish *picture_kind(const char *word);

#endif
