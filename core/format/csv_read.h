/* SPDX-License-Identifier: Apache-2.0
 * Tables that people bring (RFC 4180, UTF-8, with or without a byte order mark), row by row out of a file of any length. */
#ifndef CH_FORMAT_CSV_READ_H
#define CH_FORMAT_CSV_READ_H

#include "core/base/defs.h"

#include <stdio.h>

#define CH_CSV_CELLS 16
#define CH_CSV_ROW_MAX 4096 /* bytes of a row */

struct ch_csv_reader {
    FILE *f;
    size_t line; /* lines read so far */
};

struct ch_csv_row {
    size_t line; /* where it begins, from 1 */
    size_t n;
    const char *cells[CH_CSV_CELLS]; /* in `text`; quotes taken off, blanks at the ends too */
    const char *wrong;               /* of CH_CSV_WRONG: what, for operators */
    char text[CH_CSV_ROW_MAX];
};

enum ch_csv_got { CH_CSV_ROW, CH_CSV_WRONG, CH_CSV_END };

/* The next row that is not empty. After CH_CSV_WRONG reading goes on with the next line. */
enum ch_csv_got ch_csv_next(struct ch_csv_reader *r, struct ch_csv_row *row) CH_MUST;

#endif
