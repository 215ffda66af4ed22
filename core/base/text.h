/* SPDX-License-Identifier: Apache-2.0
 * The characters of texts that people and partners give. Names end up in certificates, on seals and on paper, where nobody must be
 * able to hide something in them: a character that cannot be seen, one that changes the direction of what follows, or a letter of
 * another script that looks like the one that is expected.
 *
 * Therefore texts are in Unicode normalization form C, and consist of Han characters (with their extensions, and without the
 * radicals, which look the same), Latin letters, digits, and the punctuation that is usual in China in half and full width; with
 * the middle dots of minorities' names. Line breaks and tabs are allowed here; single lines have a rule (ch_rule_name).
 *
 * All texts of this header are well-formed UTF-8. */
#ifndef CH_BASE_TEXT_H
#define CH_BASE_TEXT_H

#include "core/base/arena.h"

/* The text in normalization form C: `s` itself when it is in that form already. A text in which more than 30 combining marks
 * follow each other, which no language needs and which would be slow to sort, is returned as it is; ch_text_fault refuses it. */
const char *ch_text_nfc(struct ch_arena *a, const char *s);

/* A copy in which characters of full width are those of half width, and Latin letters are capitals: for comparing what people and
 * machines write in either form. */
char *ch_text_folded(struct ch_arena *a, const char *s);

/* NULL when every character may be used, otherwise a sentence for the person that names the first one that may not: by its
 * position and code, since it may be invisible. */
const char *ch_text_fault(struct ch_arena *a, const char *s);

/* Whether a text is in normalization form C and has no fault. */
bool ch_text_clean(const char *s) CH_MUST;

/* A text with its invisible and direction-changing characters written as "[U+202E]"; a byte order mark at its beginning and all
 * other characters, with or without a fault, stay as they are. Nothing but ASCII without quotation marks is added, so that JSON
 * and CSV stay what they are. */
struct ch_bytes ch_text_visible(struct ch_arena *a, struct ch_bytes text);

#endif
