/* SPDX-License-Identifier: Apache-2.0
 * Bodies and handlers of module stamp. */
#ifndef MODULE_STAMP_H
#define MODULE_STAMP_H

#include "core/hall/order.h"
#include "core/hall/stamp.h"
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

/* What an order's picture is made from. */
struct stamp_source {
    const char *id, *state, *mark, *kind; /* of the order; JSON of hall.stamp_json; hall.stamp_source */
    const char *name, *unit_code;         /* from the form */
    const char *material, *mime;          /* the scan; NULL: none */
    struct ch_bytes file_key;
};

/* Reads it for the order of the request. CH_E_NOT_FOUND when it is not the caller's. */
enum ch_err stamp_read(struct ch_req *r, struct stamp_source *out) CH_MUST;
/* Makes the picture; refuses with a sentence when it cannot. */
enum ch_err stamp_make(struct ch_req *r, const struct stamp_source *s, const struct stamp_wish *w,
                       struct ch_stamp_picture *out) CH_MUST;

ch_handler stamp_get, stamp_preview, stamp_accept; /* picture.c */
ch_handler stamp_png, stamp_svg, stamp_seal;       /* files.c */

#endif
