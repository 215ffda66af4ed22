/* SPDX-License-Identifier: Apache-2.0
 * E-mail made of a text template: the same words as plain text and as HTML that reads well in any mail program. */
#ifndef CH_FORMAT_LETTER_H
#define CH_FORMAT_LETTER_H

#include "core/base/arena.h"

/* The value of a parameter that a template names; "" or NULL for one that is not known. */
typedef const char *ch_letter_word(void *ctx, const char *name);

/* The template with each {name} (lower case letters, digits and _) replaced. Braces around anything else stay. */
char *ch_letter_fill(struct ch_arena *a, const char *template, ch_letter_word *word, void *ctx);

/* A page of one column: the authority's name, `title`, a paragraph for each line of `text`, whom to call. Addresses that
 * begin with http:// or https:// become links; everything else is escaped. No pictures, no scripts, nothing fetched. */
char *ch_letter_html(struct ch_arena *a, const char *title, const char *text);
/* The same as plain text. */
char *ch_letter_text(struct ch_arena *a, const char *text);

#endif
