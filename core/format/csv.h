/* SPDX-License-Identifier: Apache-2.0
 * CSV files for spreadsheets (RFC 4180). They begin with a byte order mark, without which Excel does not read them as UTF-8.
 * Long numbers, and texts that look like formulas, are protected from being interpreted. */
#ifndef CH_FORMAT_CSV_H
#define CH_FORMAT_CSV_H

#include "core/base/buf.h"

struct ch_csv {
    struct ch_buf out;
    bool begun; /* the current row has a cell */
};

/* Begins a table in the arena. */
void ch_csv_init(struct ch_csv *c, struct ch_arena *a);
void ch_csv_text(struct ch_csv *c, const char *s); /* NULL: an empty cell */
void ch_csv_fen(struct ch_csv *c, int64_t fen);    /* as yuan with two decimal places */
void ch_csv_end_row(struct ch_csv *c);
struct ch_bytes ch_csv_done(const struct ch_csv *c);

#endif
