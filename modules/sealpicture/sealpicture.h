/* SPDX-License-Identifier: Apache-2.0
 * Module sealpicture: the applicant previews and accepts the picture of an electronic seal, and downloads picture and seal. This
 * header declares the request bodies and handlers that its files share. */
#ifndef MODULE_SEALPICTURE_H
#define MODULE_SEALPICTURE_H

#include "core/order/order.h"
#include "core/sealpicture/sealpicture.h"
#include "sealpicture_sql.h"

/* How the applicant wishes the picture to be made. */
struct sealpicture_wish {
    const char *style; /* "generated", "scan" */
    const char *line;  /* generated: the text under the star; NULL: none */
    int64_t diameter;  /* scan: the width in millimetres; 0: as the file's resolution says */
    int64_t turn;      /* scan: degrees by which the picture is turned clockwise */
};
struct sealpicture_accept_in {
    const char *style, *line;
    int64_t diameter, turn;
    const char *sm3; /* hex, of the PNG that the person has seen */
};
extern const struct ch_input sealpicture_preview_body, sealpicture_accept_body;

/* The request's ?item=: which certificate of the order, from 1 (picture.c). */
int sealpicture_item(struct ch_req *r);
ch_handler sealpicture_get, sealpicture_preview, sealpicture_accept; /* picture.c */
ch_handler sealpicture_png, sealpicture_svg, sealpicture_seal;       /* files.c */

#endif
