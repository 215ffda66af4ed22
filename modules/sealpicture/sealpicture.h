/* SPDX-License-Identifier: Apache-2.0
 * Bodies and handlers of module sealpicture. */
#ifndef MODULE_SEALPICTURE_H
#define MODULE_SEALPICTURE_H

#include "core/order/order.h"
#include "core/sealpicture/sealpicture.h"
#include "sealpicture_sql.h"

/* How the picture shall be made. */
struct sealpicture_wish {
    const char *style; /* "generated", "scan" */
    const char *line;  /* generated: under the star; NULL: none */
    int64_t diameter;  /* scan: width in millimetres; 0: as the file says */
    int64_t turn;      /* scan: turned clockwise, degrees */
};
struct sealpicture_accept_in {
    const char *style, *line;
    int64_t diameter, turn;
    const char *sm3; /* of the PNG that the person saw */
};
extern const struct ch_input sealpicture_preview_body, sealpicture_accept_body;

/* What the picture of an order's item is made from. */
struct sealpicture_source {
    const char *id;                  /* of the order */
    int item;                        /* the request's ?item=, from 1, which it is when not given */
    const char *state, *mark, *kind; /* JSON of hall.sealpicture_json; hall.sealpicture_source */
    const char *name, *unit_code;    /* the seal's name, as registered in it; from the form */
    const char *unit, *purpose;      /* of a seal for part of a unit's business: what its arc says, and under its star; or NULL */
    const char *paper, *mime;        /* the scan; NULL: none */
    int nth;                         /* of the impressions on it, this seal's; 0: it bears one */
    struct ch_bytes file_key;
};

/* The request's ?item=, from 1. */
int sealpicture_item(struct ch_req *r);
/* Reads it for the request's item. CH_E_NOT_FOUND when the order is not the caller's or has no such item. */
enum ch_err sealpicture_read(struct ch_req *r, struct sealpicture_source *out) CH_MUST;
/* Makes the picture; refuses with a sentence when it cannot. */
enum ch_err sealpicture_make(struct ch_req *r, const struct sealpicture_source *s, const struct sealpicture_wish *w,
                             struct ch_sealpicture *out) CH_MUST;

ch_handler sealpicture_get, sealpicture_preview, sealpicture_accept; /* picture.c */
ch_handler sealpicture_png, sealpicture_svg, sealpicture_seal;       /* files.c */

#endif
