/* SPDX-License-Identifier: Apache-2.0
 * Reads CSV files from outside (RFC 4180, UTF-8, with or without a byte order mark) row by row; a file may have any length. */
#ifndef CH_FORMAT_CSV_READ_H
#define CH_FORMAT_CSV_READ_H

#include "core/base/defs.h"

#include <stdio.h>

#define CH_CSV_CELLS 16     /* at most in a row */
#define CH_CSV_ROW_MAX 4096 /* bytes of a row */

struct ch_csv_reader {
    FILE *f;
    size_t line; /* lines read so far */
};

struct ch_csv_row {
    size_t line; /* its first line, from 1 */
    size_t n;
    const char *cells[CH_CSV_CELLS]; /* in `text`, without quotation marks and without spaces and tabs at the ends */
    const char *wrong;               /* with CH_CSV_WRONG: what is wrong, for operators */
    char text[CH_CSV_ROW_MAX];
};

enum ch_csv_got { CH_CSV_ROW, CH_CSV_WRONG, CH_CSV_END };

/* Reads the next row that is not empty. After CH_CSV_WRONG the next call goes on with the next line. */
enum ch_csv_got ch_csv_next(struct ch_csv_reader *r, struct ch_csv_row *row) CH_MUST;

#endif
