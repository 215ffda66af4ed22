/* SPDX-License-Identifier: Apache-2.0
 * Bodies and handlers of module stamp. */
#ifndef MODULE_STAMP_H
#define MODULE_STAMP_H

#include "core/order/order.h"
#include "core/stamp/stamp.h"
#include "stamp_sql.h"

/* How the picture shall be made. */
struct stamp_wish {
    const char *style; /* "generated", "scan" */
    const char *line;  /* generated: under the star; NULL: none */
    int64_t diameter;  /* scan: width in millimetres; 0: as the file says */
    int64_t turn;      /* scan: turned clockwise, degrees */
};
struct stamp_accept_in {
    const char *style, *line;
    int64_t diameter, turn;
    const char *sm3; /* of the PNG that the person saw */
};
extern const struct ch_input stamp_preview_body, stamp_accept_body;

/* What the picture of an order's item is made from. */
struct stamp_source {
    const char *id;                  /* of the order */
    int item;                        /* the request's ?item=, from 1, which it is when not given */
    const char *state, *mark, *kind; /* JSON of hall.stamp_json; hall.stamp_source */
    const char *name, *unit_code;    /* the seal's name, as registered in it; from the form */
    const char *unit, *purpose;      /* of a seal for part of a unit's business: what its arc says, and under its star; or NULL */
    const char *material, *mime;          /* the scan; NULL: none */
    int nth;                              /* of the seals on it, this one's; 0: it bears one */
    struct ch_bytes file_key;
};

/* The request's ?item=, from 1. */
int stamp_item(struct ch_req *r);
/* Reads it for the request's item. CH_E_NOT_FOUND when the order is not the caller's or has no such item. */
enum ch_err stamp_read(struct ch_req *r, struct stamp_source *s) CH_MUST;
/* Makes the picture; refuses with a sentence when it cannot. */
enum ch_err stamp_make(struct ch_req *r, const struct stamp_source *s, const struct stamp_wish *w,
                       struct ch_stamp_picture *out) CH_MUST;

ch_handler stamp_get, stamp_preview, stamp_accept; /* picture.c */
ch_handler stamp_png, stamp_svg, stamp_seal;       /* files.c */

#endif
