/* SPDX-License-Identifier: Apache-2.0
 * The table of errors, and noting failures. */
#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>

static const struct ch_err_row rows[] = {
#define CH_ERR(sym, status, word, sentence, ours) [sym] = {#sym, status, word, sentence, ours},
#include "core/base/errors.tbl"
#undef CH_ERR
};

const struct ch_err_row *ch_err_row(enum ch_err e)
{
    return &rows[e > CH_OK && e < CH_E__COUNT ? e : CH_E_INTERNAL];
}

enum ch_err ch_fault_at(struct ch_fault *f, enum ch_err code, const char *file, int line, const char *fmt, ...)
{
    bool without_detail = f != NULL && f->code == code && f->detail[0] == '\0'; /* noted by ch_refuse */

    if (f == NULL || (f->code != CH_OK && !without_detail))
        return code;
    f->code = code;
    f->file = file;
    f->line = line;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->detail, sizeof f->detail, fmt, ap);
    va_end(ap);
    return code;
}

enum ch_err ch_refuse(struct ch_fault *f, enum ch_err code, const char *pointer, const char *sentence)
{
    if (f == NULL || f->code != CH_OK)
        return code;
    f->code = code;
    snprintf(f->sentence, sizeof f->sentence, "%s", sentence);
    snprintf(f->pointer, sizeof f->pointer, "%s", pointer != NULL ? pointer : "");
    return code;
}
