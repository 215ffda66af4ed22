/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: a table that an operator brings. Every row ends within the file, its cells lie in its text and are UTF-8,
 * and lines are counted upwards. */
#include "core/format/csv_read.h"

#include "core/base/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct ch_csv_row *row)
{
    if (row->n == 0 || row->n > CH_CSV_CELLS)
        abort();
    for (size_t i = 0; i < row->n; i++) {
        const char *s = row->cells[i];
        if (s < row->text || s >= row->text + sizeof row->text || !ch_utf8(s, strlen(s), NULL))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ch_csv_reader r = {.f = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL};
    struct ch_csv_row row;
    enum ch_csv_got got;
    size_t line = 0;

    if (r.f == NULL)
        return 0;
    while ((got = ch_csv_next(&r, &row)) != CH_CSV_END) {
        if (row.line <= line || r.line > size || (got == CH_CSV_WRONG && row.wrong == NULL))
            abort();
        line = row.line;
        if (got == CH_CSV_ROW)
            judge(&row);
    }
    fclose(r.f);
    return 0;
}
