/* SPDX-License-Identifier: Apache-2.0
 * What can go wrong, as one closed table (errors.tbl), and the record of the first thing that did.
 *
 * A function that can fail returns CH_OK or one of these; the place that knows the cause calls ch_fault once.
 * Nobody overwrites a lower error. */
#ifndef CH_BASE_ERROR_H
#define CH_BASE_ERROR_H

#include "core/base/defs.h"

enum ch_err {
    CH_OK = 0,
#define CH_ERR(sym, status, word, sentence, ours) sym,
#include "core/base/errors.tbl"
#undef CH_ERR
    CH_E__COUNT
};

struct ch_err_row {
    const char *symbol;
    int status;           /* HTTP */
    const char *word;     /* machine word of the problem document */
    const char *sentence; /* for people */
    bool ours;            /* logged as an error, not as a refusal */
};

/* The row of an error; CH_OK and unknown values give CH_E_INTERNAL's. */
const struct ch_err_row *ch_err_row(enum ch_err e);

/* The first failure of a request or job, with private detail for the log. */
struct ch_fault {
    enum ch_err code;
    const char *file;
    int line;
    char detail[256];  /* for the log alone */
    char sentence[384]; /* what the person reads in place of the table's sentence; empty: the table's */
    char pointer[96];   /* JSON pointer of the field it is about; empty: none */
    char changed[640];  /* of a conflict: what has changed meanwhile, a JSON array; empty: not said */
};

/* Notes the failure if none is noted yet and returns `code`: `return ch_fault(f, CH_E_VENDOR, "...")`.
 * The detail is for the log: no personal data, no secrets. Never allocates. `f` may be NULL. A refusal noted by ch_refuse
 * with the same code gets its detail this way. */
#ifdef __clang_analyzer__ /* which does not see from here that ch_fault_at returns `code` */
#define ch_fault(f, code, ...) ((void)ch_fault_at((f), (code), __FILE__, __LINE__, __VA_ARGS__), (code))
#else
#define ch_fault(f, code, ...) ch_fault_at((f), (code), __FILE__, __LINE__, __VA_ARGS__)
#endif
enum ch_err ch_fault_at(struct ch_fault *f, enum ch_err code, const char *file, int line, const char *fmt, ...)
    CH_PRINTF(5, 6);

/* The same for a refusal that a person can act on: `sentence` is shown, `pointer` names the field, or is NULL. */
enum ch_err ch_refuse(struct ch_fault *f, enum ch_err code, const char *pointer, const char *sentence);

#endif
