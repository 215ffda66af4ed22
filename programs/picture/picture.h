/* SPDX-License-Identifier: Apache-2.0
 * The impression of a seal in a scanned page: found, made upright, cut out, its ink parted from the paper.
 *
 * Pictures here are rows of RGB bytes; ink is a map of how much red ink covers each dot, 0 to 255. Everything works on
 * memory that was given and has no other input, so that it can be tested and fuzzed without a process around it. */
#ifndef PICTURE_PICTURE_H
#define PICTURE_PICTURE_H

#include "core/base/arena.h"
#include "core/hall/png.h"

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

/* One seal: the largest patch of red (find.c). Everything else is wiped off the map. */
struct patch {
    int x0, y0, x1, y1;  /* the ink's box, the last dots included */
    double x, y;         /* its middle */
    double radius;       /* of a ring; half the side of a square */
    bool round;
    double turn;         /* how far it stands askew, radians clockwise */
};
enum picture_end picture_find(struct ch_arena *a, struct ink *ink, struct patch *out);
/* Shape, middle, size and turn of what is on the map within the box (straight.c). */
enum picture_end picture_measure(const struct ink *ink, struct patch *p);

/* How it shall come out. */
struct wish {
    bool round;  /* a unit's seal must be */
    int mm;      /* width; 0: by the resolution, else `usual` */
    int usual;   /* millimetres of the kind, and between which a measured width is believed */
    int least, most;
    double turn; /* further, radians clockwise */
};
struct cutting {
    struct ch_pixels pixels;
    int mm;
    double dots_per_mm;
};
/* The whole way from a scan (cut.c). */
enum picture_end picture_cut(struct ch_arena *a, const struct scan *s, const struct wish *w, struct cutting *out);

/* What a kind of seal ("unit", "person") asks for; NULL for another word. */
const struct wish *picture_kind(const char *word);

#endif
