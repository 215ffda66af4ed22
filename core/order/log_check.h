/* SPDX-License-Identifier: Apache-2.0
 * Checking an export of the log (core/order/log_export.h) line by line, with nothing but the log's public key. The memory that it takes
 * grows with the number of subjects (about a hundred bytes each), not with that of rows. */
#ifndef CH_ORDER_LOG_CHECK_H
#define CH_ORDER_LOG_CHECK_H

#include "core/order/log_export.h"

#include <openssl/evp.h>

enum ch_log_result {
    CH_LOG_GOOD,
    CH_LOG_NONE,      /* the line is none of an export, or of one of another version */
    CH_LOG_LEAF,      /* the leaf is not the next one: rows are missing, added, or in other places */
    CH_LOG_CHAIN,     /* the row is not the next one of its subject */
    CH_LOG_TEXT,      /* the row's text does not have its digest */
    CH_LOG_ROOT,      /* the signed head is not that of the rows before it */
    CH_LOG_SIGNATURE, /* the head is not signed with that key */
    CH_LOG_HEAD,      /* the head is not where its rows end */
    CH_LOG_UNSIGNED,  /* rows after the last head, which nobody has signed */
    CH_LOG_COUNT,     /* there are more or fewer lines than the last line says */
    CH_LOG_MARK,      /* the lines are not those that were exported */
    CH_LOG_AFTER,     /* something follows the last line */
    CH_LOG_CUT,       /* the last line is missing */
    CH_LOG_FORKED,    /* the rows before are others than in the earlier export */
    CH_LOG_HEADS,     /* a head of the earlier export is missing or another */
    CH_LOG_SHORTER,   /* the export ends before the earlier one does */
};

/* What an export says, as far as it was read. Texts belong to the check. */
struct ch_log_seen {
    int64_t leaves, heads;
    int64_t bare; /* leaves without a row */
    int64_t subjects;
    char first_at[32], last_at[32];   /* when the first and the last head were signed, by their own word */
    unsigned char root[CH_SM3_BYTES]; /* of the last head */
    struct ch_log_mark heads_mark;    /* over the lines of all heads */
};

struct ch_log_check;

/* Begins a check. The key stays the caller's. `earlier`, if not NULL, is what an export of before has shown: this one must go on from it. */
struct ch_log_check *ch_log_check_new(EVP_PKEY *key, const struct ch_log_seen *earlier);
/* The next line, without its line feed. After a result other than CH_LOG_GOOD no more lines may follow. */
enum ch_log_result ch_log_check_line(struct ch_log_check *c, struct ch_bytes line) CH_MUST;
/* The file has ended. */
enum ch_log_result ch_log_check_end(struct ch_log_check *c) CH_MUST;
const struct ch_log_seen *ch_log_check_seen(const struct ch_log_check *c);
void ch_log_check_free(struct ch_log_check *c);

#endif
