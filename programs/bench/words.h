/* SPDX-License-Identifier: Apache-2.0
 * The words that belong to an order, such as names and numbers (words.tbl), and invented words of the same length in their
 * place. */
#ifndef BENCH_WORDS_H
#define BENCH_WORDS_H

#include "core/crypto/ring.h"
#include "core/json/json.h"

enum shape {
    ORDER_NUMBER,
    DIGITS,
    HEX,
    UPPER,
    SEAL_CODE,
    FILING_NUMBER,
    UNIT,
    PERSON,
    USCC,
    IDCARD,
    MOBILE,
    ACCOUNT_MOBILE, /* different for each account */
    MASK_MOBILE,
    MASK_ID,
    MASK_ACCOUNT, /* the masked form of another word */
    BLIND,        /* the keyed hash of another word, in hex */
    MARK,         /* a mark of the form (core/form/form.h) */
};

struct word {
    enum shape shape;
    const char *text; /* in the specimen */
    size_t n;
    int keep;        /* how many characters at the beginning stay the same */
    int of;          /* the index of the word that it is computed from; for MARK that of the encrypted form */
    const char *key; /* for BLIND the field of the hash, for MARK the mark's name */
    const char *hex; /* the word in hex, as it occurs in bytes */
    size_t hex_n;
};

#define WORDS_MAX 256
struct words {
    struct word list[WORDS_MAX];
    size_t n;
    bool begins[1 << 16], begins_hex[1 << 16]; /* whether a word begins with these two bytes */
};
#define WORD_BEGINS(s) ((unsigned char)(s)[0] << 8 | (unsigned char)(s)[1])

/* Adds a word, unless it is already there or too short to be unique. */
void words_add(struct ch_arena *a, struct words *w, struct word word);
/* The kind of words in a column, by words.tbl; false when the column has none. */
bool words_of_column(const char *table, const char *column, struct word *out) CH_MUST;
/* Adds the words of a form, with their masks and hashes, and the form's marks; `secret` is its index. */
void words_of_form(struct ch_arena *a, struct words *w, const struct ch_ring *ring, const struct ch_json *form, int secret);
/* Adds a mobile number with its mask and hash; the shape is MOBILE or ACCOUNT_MOBILE. */
void words_of_mobile(struct ch_arena *a, struct words *w, const struct ch_ring *ring, enum shape shape, const char *mobile);

/* A fast random number, which the seed determines. It must not be used for secrets. */
uint64_t chance(uint64_t *state);

/* What is needed to invent words. */
struct inventing {
    const struct ch_ring *ring;
    uint64_t *state;
    int64_t created;             /* microseconds */
    const struct ch_json *marks; /* of the form, for MARK */
};
/* Sets the last used numbers of seals, filings and accounts; all threads count on from them. */
void words_count_from(int64_t seal_code, int64_t filing, int64_t account);

/* Invents the text of word `i`. `made` already has the words that it is computed from. */
const char *word_invent(struct ch_arena *a, const struct words *all, size_t i, const char *const *made,
                        const struct inventing *with);

#endif
