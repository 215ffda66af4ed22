/* SPDX-License-Identifier: Apache-2.0
 * Reads the text of a row, then splits it into cells in place. */
#include "core/format/csv_read.h"

#include "core/base/codec.h"

#include <string.h>

#define BOM "\xEF\xBB\xBF"

/* The state of scanning a row. A quotation mark opens a quoted cell only at its start, and closes it unless another one
 * follows. */
enum place { START, PLAIN, QUOTED, CLOSED };

/* The state behind the character c. */
static enum place next_place(enum place p, int c)
{
    if (c == '"')
        return p == START || p == CLOSED ? QUOTED : p == QUOTED ? CLOSED : PLAIN;
    return p == QUOTED ? QUOTED : c == ',' ? START : PLAIN;
}

/* Reads the text of a row, including quotation marks, without the line end. False with row->wrong set; the rest of the line is
 * skipped. */
static bool read_row_text(struct ch_csv_reader *r, struct ch_csv_row *row, size_t *n)
{
    enum place p = START;
    int c;

    *n = 0;
    row->wrong = NULL;
    while ((c = getc(r->f)) != EOF && (c != '\n' || p == QUOTED)) {
        r->line += c == '\n';
        if (c == '\0')
            row->wrong = "a NUL byte";
        else if (*n + 1 < CH_CSV_ROW_MAX)
            row->text[(*n)++] = (char)c;
        else
            row->wrong = "too long, or a quotation mark that is not closed";
        bool bom = row->line == 1 && *n == 3 && strncmp(row->text, BOM, 3) == 0;
        p = row->wrong != NULL ? PLAIN
            : bom              ? START
                               : next_place(p, c); /* PLAIN: skip this line, not the rest of the file */
    }
    r->line += c == '\n';
    if (*n > 0 && row->text[*n - 1] == '\r')
        (*n)--;
    row->text[*n] = '\0';
    if (p == QUOTED)
        row->wrong = "a quotation mark that is not closed";
    return row->wrong == NULL;
}

static char *trimmed(char *from, char *to)
{
    while (*from == ' ' || *from == '\t')
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
        to--;
    *to = '\0';
    return from;
}

/* Reads the cell at `s` in place. Returns what follows its comma, or NULL behind the last cell or a mistake. */
static char *read_cell(struct ch_csv_row *row, char *s)
{
    char *in = s, *out = s, *start = s;

    if (*in != '"') {
        char *end = s + strcspn(s, ","), *next = *end == ',' ? end + 1 : NULL;
        if (memchr(s, '"', (size_t)(end - s)) != NULL)
            row->wrong = "a quotation mark inside a cell";
        row->cells[row->n++] = trimmed(start, end);
        return next;
    }
    for (in++; *in != '\0' && (*in != '"' || in[1] == '"'); in++) {
        in += *in == '"';
        *out++ = *in;
    }
    char *next = *in == '"' ? in + 1 : in;
    if (*next != ',' && *next != '\0')
        row->wrong = "something behind a quoted cell";
    bool more = *next == ',';
    row->cells[row->n++] = trimmed(start, out);
    return more ? next + 1 : NULL;
}

static bool split_row(struct ch_csv_row *row, char *s)
{
    row->n = 0;
    while (s != NULL && row->wrong == NULL) {
        if (row->n == CH_CSV_CELLS)
            row->wrong = "too many cells";
        else
            s = read_cell(row, s);
    }
    return row->wrong == NULL;
}

enum ch_csv_got ch_csv_next(struct ch_csv_reader *r, struct ch_csv_row *row)
{
    size_t n;

    for (;;) {
        row->line = r->line + 1;
        bool good = read_row_text(r, row, &n);
        if (good && n == 0 && feof(r->f))
            return CH_CSV_END;
        char *s = row->line == 1 && strncmp(row->text, BOM, 3) == 0 ? row->text + 3 : row->text;
        if (good && *s == '\0')
            continue;
        if (good && !ch_utf8(row->text, n, NULL)) {
            row->wrong = "not UTF-8";
            good = false;
        }
        return good && split_row(row, s) ? CH_CSV_ROW : CH_CSV_WRONG;
    }
}
