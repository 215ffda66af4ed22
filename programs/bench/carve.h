/* SPDX-License-Identifier: Apache-2.0
 * Cutting a text into pieces: whatever the mould knows as an id, a time or a word becomes a piece of its own, and the rest between
 * them stays text. */
#ifndef BENCH_CARVE_H
#define BENCH_CARVE_H

#include "programs/bench/mould.h"

enum carving {
    CARVE_RAW,  /* the text is kept as it is */
    CARVE_COPY, /* the text between pieces is escaped for COPY */
    CARVE_HEX,  /* the text is bytes in hex */
};

/* Appends the pieces of a text of `n` bytes. */
void carve(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s, size_t n, enum carving how);
/* The same for a value of a row that is kept fresh: a time becomes its distance to `since`, in microseconds. */
void carve_fresh(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s, int64_t since);
/* The same for a date. */
void carve_date(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s);
/* Appends a piece, or a piece of text. */
void piece_add(struct ch_arena *a, struct pieces *out, struct piece p);
void piece_text(struct ch_arena *a, struct pieces *out, const char *s);

/* Reads a time such as "2026-11-22 10:28:24.728413+00", or as JSON writes it. Returns how many characters it has; 0 when there
 * is no time. */
size_t time_read(const char *s, int64_t *micros, int *form, int *offset);
/* The index of a time in the mould, which is added if it is new. */
size_t time_index(struct ch_arena *a, struct mould *m, int64_t micros);

#endif
