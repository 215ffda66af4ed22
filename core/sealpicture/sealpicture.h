/* SPDX-License-Identifier: Apache-2.0
 * Pictures of seals, drawn by cairo and pango in true size, red on a transparent ground.
 *
 *   unit      round, 40 mm: the registered name on the arc, a five-pointed star, its number on the lower arc
 *   business  the same with its purpose under the star (合同专用章 …)
 *   person    square, 20 mm: a name in columns from the right, with 印 or 之印 if that fills the square */
#ifndef CH_SEALPICTURE_SEALPICTURE_H
#define CH_SEALPICTURE_SEALPICTURE_H

#include "core/base/arena.h"
#include "core/base/error.h"

#define CH_SEALPICTURE_DPI 600
#define CH_SEALPICTURE_NAME_MAX 64   /* characters */
#define CH_SEALPICTURE_PERSON_MAX 16 /* characters of a person's name */
#define CH_SEALPICTURE_LINE_MAX 12

struct ch_sealpicture_words {
    const char *kind; /* "unit", "business" or "person" */
    const char *name; /* UTF-8 */
    const char *line; /* under the star; NULL or "": none */
    const char *code; /* on the lower arc; NULL or "": none */
};

struct ch_sealpicture {
    struct ch_bytes png, svg; /* the PNG has CH_SEALPICTURE_DPI */
    int width, height;        /* millimetres */
};

/* Draws a seal; the pictures are the arena's. CH_E_INVALID with a sentence for the person when the name is empty or too long,
 * or has a character that the fonts lack; CH_E_INTERNAL for an unknown kind, or when drawing fails. The same words give the
 * same PNG. */
enum ch_err ch_sealpicture_draw(struct ch_arena *a, struct ch_fault *f, const struct ch_sealpicture_words *words,
                                struct ch_sealpicture *out) CH_MUST;

#endif
