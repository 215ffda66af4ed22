/* SPDX-License-Identifier: Apache-2.0
 * The errors, as one closed table (errors.tbl), and the record of the first failure of a request or job.
 *
 * A function that can fail returns CH_OK or one of these errors. The function that knows the cause notes it once with ch_fault
 * or ch_refuse; its callers pass the error on, and later failures do not overwrite the record. */
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
    const char *word;     /* member "code" of the problem document */
    const char *sentence; /* for people */
    bool ours;            /* a fault of the hall, logged as an error */
};

/* The row of an error; that of CH_E_INTERNAL for CH_OK and unknown values. */
const struct ch_err_row *ch_err_row(enum ch_err e);

/* The first failure of a request or job, with private detail for the log. */
struct ch_fault {
    enum ch_err code;
    const char *file;
    int line;
    char detail[256];   /* for the log only */
    char sentence[384]; /* shown to the person instead of the table's sentence; empty: none */
    char pointer[96];   /* JSON pointer of the field that is wrong; empty: none */
    char changed[640];  /* of a conflict: what has changed meanwhile, as a JSON array; empty: unknown */
    int retry_seconds;  /* of CH_E_TOO_MANY: when to come again; 0: in a minute */
};

/* Notes the failure, unless one is noted already, and returns `code`: `return ch_fault(f, CH_E_VENDOR, "...")`. The detail is for
 * the log and must not contain personal data or secrets. Nothing is allocated. `f` may be NULL. After ch_refuse with the same
 * code this adds the detail to the refusal. */
#ifdef __clang_analyzer__ /* which does not see from here that ch_fault_at returns `code` */
#define ch_fault(f, code, ...) ((void)ch_fault_at((f), (code), __FILE__, __LINE__, __VA_ARGS__), (code))
#else
#define ch_fault(f, code, ...) ch_fault_at((f), (code), __FILE__, __LINE__, __VA_ARGS__)
#endif
enum ch_err ch_fault_at(struct ch_fault *f, enum ch_err code, const char *file, int line, const char *fmt, ...)
    CH_PRINTF(5, 6);

/* The same for a refusal that the person can do something about: `sentence` is shown; `pointer` is the JSON pointer of the
 * field, or NULL. */
enum ch_err ch_refuse(struct ch_fault *f, enum ch_err code, const char *pointer, const char *sentence);

#endif
