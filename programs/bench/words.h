/* SPDX-License-Identifier: Apache-2.0
 * Words that are an order's own (words.tbl), and others of the same length in their place. */
#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include "core/crypto/seal.h"
#include "core/json/json.h"

enum shape {
    ORDER_NUMBER, DIGITS, HEX, UPPER, STAMP_NUMBER, FILING_NUMBER, UNIT, PERSON, USCC, IDCARD, MOBILE,
    ACCOUNT_MOBILE,                     /* no two accounts have the same */
    MASK_MOBILE, MASK_ID, MASK_ACCOUNT, /* what people see of another word */
    BLIND,                              /* keyed hash of another word, in hex */
    MARK,                               /* one of the form's (core/form/form.h) */
};

struct word {
    enum shape shape;
    const char *text; /* in the specimen */
    size_t n;
    int keep;         /* characters at the beginning that stay */
    int of;           /* index of the word that it is made of; MARK: of the sealed form */
    const char *key;  /* BLIND: field of the hash; MARK: the mark's name */
    const char *hex;  /* as it stands in bytes that are written in hex */
    size_t hex_n;
};

#define WORDS_MAX 256
struct words {
    struct word list[WORDS_MAX];
    size_t n;
    bool begins[1 << 16], begins_hex[1 << 16]; /* by the first two bytes of a word */
};
#define WORD_BEGINS(s) ((unsigned char)(s)[0] << 8 | (unsigned char)(s)[1])

/* Notes a word, unless it is there already or too short to be told from others. */
void words_add(struct ch_arena *a, struct words *w, struct word word);
/* The words of table and column, by words.tbl; false: that column has none. */
bool words_of_column(const char *table, const char *column, struct word *out) CH_MUST;
/* The words of a form, with their masks and hashes, and its marks; `secret` is its index. */
void words_of_form(struct ch_arena *a, struct words *w, const struct ch_ring *ring, const struct ch_json *form, int secret);
/* A mobile number with its mask and hash; shape MOBILE or ACCOUNT_MOBILE. */
void words_of_mobile(struct ch_arena *a, struct words *w, const struct ch_ring *ring, enum shape shape, const char *mobile);

/* Randomness that is quick and repeats itself from the same seed; nothing secret is made of it. */
uint64_t chance(uint64_t *state);

/* What invented words need to know. */
struct inventing {
    const struct ch_ring *ring;
    uint64_t *state;
    int64_t created;            /* microseconds */
    const struct ch_json *marks; /* of the form, for MARK */
};
/* Numbers for all threads: those of stamps, filings and accounts after the given ones. */
void words_count_from(int64_t stamp, int64_t filing, int64_t account);

/* Text of word `i`; those that it is made of are in `made` already. */
const char *word_invent(struct ch_arena *a, const struct words *all, size_t i, const char *const *made,
                        const struct inventing *with);

#endif
