/* SPDX-License-Identifier: Apache-2.0
 * The note that a sample paper carries in its own bytes: a PNG tEXt chunk, or a comment segment of a JPEG. */
#ifndef MODULE_SANDBOX_PAPERS_PICTURE_H
#define MODULE_SANDBOX_PAPERS_PICTURE_H

#include "core/base/arena.h"

/* The PNG or JPEG with the note (any text of at most 40,000 bytes) after its first chunk or segment. */
struct ch_bytes picture_with_note(struct ch_arena *a, struct ch_bytes picture, const char *note);
/* The note in a PNG or JPEG, or NULL. */
const char *picture_note(struct ch_arena *a, struct ch_bytes b) CH_MUST;
/* True for a PNG or JPEG by its first bytes. */
bool picture_known(struct ch_bytes picture) CH_MUST;

#endif
