/* SPDX-License-Identifier: Apache-2.0
 * A mould: the rows of a specimen cut into pieces, of which some are to be made anew for each copy: ids, times, words, encrypted
 * values, heads of the audit trail. */
#ifndef BENCH_MOULD_H
#define BENCH_MOULD_H

#include "programs/bench/tables.h"
#include "programs/bench/words.h"

enum piece_kind {
    PIECE_TEXT,
    PIECE_ID,     /* which: of ids */
    PIECE_TIME,   /* which: of times */
    PIECE_FRESH,  /* a time of a row that is kept fresh; n: microseconds after the row's earliest */
    PIECE_WORD,   /* which: of words */
    PIECE_SECRET, /* which: of secrets */
    PIECE_HEAD,   /* which: the id whose last head it is */
    PIECE_NUMBER, /* number of the audit row */
    PIECE_ROW,    /* head of the audit row that is being written */
};

enum { /* how a time is written */
    TIME_PLAIN,  /* 2026-11-22 10:28:24.728413+00 */
    TIME_JSON,   /* 2026-11-22T10:28:24.728413+00:00 */
    TIME_MICROS, /* since 1970 */
    TIME_DER,    /* 261122102824Z, in hex */
    TIME_DATE,   /* 2026-11-22, of Beijing */
};
enum { WORD_PLAIN, WORD_IN_HEX };

struct piece {
    enum piece_kind kind;
    int form;
    size_t which;
    const char *p;
    size_t n;
};

struct pieces {
    struct piece *list;
    size_t n, cap;
};

struct row {
    int table;
    struct pieces text; /* in COPY's format, its end of line too */
    struct pieces body; /* of an audit row: what its head is made of behind the head before it */
    size_t subject, at; /* of an audit row: indexes of its id and of its time */
    bool fresh;         /* there only as long as the certificate is in force */
};

struct secret {
    const char *place;
    size_t row; /* id that it is bound to */
    struct pieces plain;
};

struct way {
    const char *name;
    int share;      /* of a million */
    int least, most; /* hours */
    int days;       /* 0: ended */
};
extern const struct way ways[];
extern const size_t ways_n;

struct mould {
    const struct way *way; /* NULL: of an account */
    char (*ids)[37];       /* ids[0]: the account's */
    size_t n_ids;
    int64_t *times;        /* microseconds */
    size_t n_times;
    int64_t begin, end;    /* of the trail */
    size_t created;        /* of times: when the (first) order was made */
    int64_t expiry;        /* when the certificate ends; 0: there is none */
    int64_t period;        /* after which fresh rows are made anew */
    struct words words;
    struct secret *secrets;
    size_t n_secrets;
    struct row *rows;
    size_t n_rows;
    size_t n_orders, n_audit, n_seal_codes, n_filings;
    int form;              /* secret that is the order's form; -1: none */
};

/* Reads the specimen `order`, gathered before (tables_gather), that went `way`, or with way NULL the account of that order. NULL after saying why. */
struct mould *mould_make(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, const struct way *way,
                         const char *order) CH_MUST;

#endif
