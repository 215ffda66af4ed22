/* SPDX-License-Identifier: Apache-2.0
 * Cutting of text into pieces: what a mould knows as an id, a time or a word is no longer text. */
#ifndef BENCH_CARVE_H
#define BENCH_CARVE_H

#include "programs/bench/mould.h"

enum carving {
    CARVE_RAW,  /* as it is */
    CARVE_COPY, /* text between pieces is written as COPY wants it */
    CARVE_HEX,  /* bytes in hex */
};

void carve(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s, size_t n, enum carving how);
/* The same with times as microseconds after `since`. */
void carve_fresh(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s, int64_t since);
void carve_date(struct ch_arena *a, struct mould *m, struct pieces *out, const char *s);
void piece_add(struct ch_arena *a, struct pieces *out, struct piece p);
void piece_text(struct ch_arena *a, struct pieces *out, const char *s);

/* Reads "2026-11-22 10:28:24.728413+00" or its form in JSON; the characters that it takes, 0 when it is none. */
size_t time_read(const char *s, int64_t *micros, int *form, int *offset);
/* The index of a time, noted when it is new. */
size_t time_index(struct ch_arena *a, struct mould *m, int64_t micros);

#endif
