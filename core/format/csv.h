/* SPDX-License-Identifier: Apache-2.0
 * CSV files for spreadsheets (RFC 4180). They begin with a byte order mark, without which Excel does not read them as UTF-8.
 *
 * What is text stays text, character by character: spreadsheets (Excel, WPS, LibreOffice) take many texts for formulas, numbers or
 * dates and change them, quotation marks or not. A tab in front, which does not show, prevents that. It stands before every text that
 * begins with a sign of a formula, and before every text with a digit that begins with a narrow or full-width character, since a
 * list of what counts as a number would have holes ("1234567890123E45", "1-2", "0755"). Days ("2026-11-21") stay days. Whoever reads
 * the file with a program removes one leading tab. */
#ifndef CH_FORMAT_CSV_H
#define CH_FORMAT_CSV_H

#include "core/base/buf.h"

struct ch_csv {
    struct ch_buf out;
    bool begun; /* the current row has a cell */
};

/* Begins a table in the arena. */
void ch_csv_init(struct ch_csv *c, struct ch_arena *a);
/* Goes on with a table whose rows so far were written elsewhere. */
void ch_csv_continue(struct ch_csv *c, struct ch_arena *a);
void ch_csv_text(struct ch_csv *c, const char *s); /* NULL: an empty cell */
void ch_csv_int(struct ch_csv *c, int64_t n);
void ch_csv_fen(struct ch_csv *c, int64_t fen); /* as yuan with two decimal places */
void ch_csv_end_row(struct ch_csv *c);
struct ch_bytes ch_csv_done(const struct ch_csv *c);

#endif
