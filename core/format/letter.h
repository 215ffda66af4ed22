/* SPDX-License-Identifier: Apache-2.0
 * E-mails from text templates, as plain text and as HTML that every mail program displays well. */
#ifndef CH_FORMAT_LETTER_H
#define CH_FORMAT_LETTER_H

#include "core/base/arena.h"

/* Returns the value of a parameter in a template; "" or NULL for an unknown one. */
typedef const char *ch_letter_word(void *ctx, const char *name);

/* Replaces each {name} (lower-case letters, digits and _) in the template. Other braces stay. */
char *ch_letter_fill(struct ch_arena *a, const char *template, ch_letter_word *word, void *ctx);

/* A page of one column: the authority's name, `title`, a paragraph for each line of `text`, and the hotline. URLs that begin with
 * http:// or https:// become links; everything else is escaped. The page has no pictures and no scripts, and loads nothing. */
char *ch_letter_html(struct ch_arena *a, const char *title, const char *text);
/* The same as plain text. */
char *ch_letter_text(struct ch_arena *a, const char *text);

#endif
