/* SPDX-License-Identifier: Apache-2.0
 * A mould: the rows of a specimen order, cut into pieces. Some pieces are made anew for each copy: ids, times, words, encrypted
 * values, and heads of the audit trail. */
#ifndef BENCH_MOULD_H
#define BENCH_MOULD_H

#include "programs/bench/tables.h"
#include "programs/bench/words.h"

enum piece_kind {
    PIECE_TEXT,
    PIECE_ID,     /* `which` is an index of ids */
    PIECE_TIME,   /* `which` is an index of times */
    PIECE_FRESH,  /* a time of a row that is kept fresh; `n` is the distance to the row's earliest, in microseconds */
    PIECE_WORD,   /* `which` is an index of words */
    PIECE_SECRET, /* `which` is an index of secrets */
    PIECE_HEAD,   /* the last head of the id with the index `which` */
    PIECE_NUMBER, /* the id of the audit row */
    PIECE_ROW,    /* the head of the audit row that is being written */
};

enum {              /* how a time is written */
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
    struct pieces text; /* in COPY's format, with the end of line */
    struct pieces body; /* of an audit row: what is hashed after the previous head */
    size_t subject, at; /* of an audit row: the indexes of its subject's id and of its time */
    bool fresh;         /* the row only exists as long as the certificate is in force */
};

struct secret {
    const char *place;
    size_t row; /* the index of the id that it is bound to */
    struct pieces plain;
};

struct way {
    const char *name;
    int share;       /* how many of a million orders go this way */
    int least, most; /* how many hours such an order takes */
    int days;        /* open orders are of the last days, so many; 0: the orders have ended */
};
extern const struct way ways[];
extern const size_t ways_n;

struct mould {
    const struct way *way; /* NULL for the mould of an account */
    char (*ids)[37];       /* ids[0] is the account's */
    size_t n_ids;
    int64_t *times; /* microseconds */
    size_t n_times;
    int64_t begin, end; /* of the trail */
    size_t created;     /* the index of the time at which the (first) order was made */
    int64_t expiry;     /* when the certificate ends; 0 when there is none */
    int64_t period;     /* after how many microseconds rows that are kept fresh are made anew */
    struct words words;
    struct secret *secrets;
    size_t n_secrets;
    struct row *rows;
    size_t n_rows;
    size_t n_orders, n_audit, n_seal_codes, n_filings;
    int form; /* the index of the secret with the order's form; -1 when there is none */
};

/* Makes the mould of the specimen `order`, which went `way`; with way NULL the mould of its account. The rows were gathered before
 * (tables_gather). NULL after an error message. */
struct mould *mould_make(struct ch_arena *a, PGconn *c, const struct ch_ring *ring, const struct way *way,
                         const char *order) CH_MUST;

#endif
