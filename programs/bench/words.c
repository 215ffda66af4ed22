/* SPDX-License-Identifier: Apache-2.0
 * The words that belong to an order, and invented words in their place. */
#include "programs/bench/words.h"

#include "core/base/codec.h"
#include "core/form/form.h"
#include "core/form/rule.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORTEST 6

static const struct {
    const char *table, *column;
    enum shape shape;
    int keep;
} columns[] = {
#define COLUMN(table, column, shape, keep) {table, column, shape, keep},
#include "programs/bench/words.tbl"
#undef COLUMN
};

static const struct {
    const char *field;
    enum shape shape;
} fields[] = {
#define FIELD(name, shape) {name, shape},
#include "programs/bench/words.tbl"
#undef FIELD
};

static _Atomic int64_t orders, seal_codes, filings, accounts;

void words_count_from(int64_t seal_code, int64_t filing, int64_t account)
{
    accounts = account;
    seal_codes = seal_code;
    filings = filing;
}

bool words_of_column(const char *table, const char *column, struct word *out)
{
    for (size_t i = 0; i < CH_COUNT(columns); i++)
        if (strcmp(columns[i].table, table) == 0 && strcmp(columns[i].column, column) == 0) {
            *out = (struct word){.shape = columns[i].shape, .keep = columns[i].keep};
            return true;
        }
    return false;
}

static int find_word(const struct words *w, const char *text)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->list[i].text, text) == 0)
            return (int)i;
    return -1;
}

void words_add(struct ch_arena *a, struct words *w, struct word word)
{
    word.n = strlen(word.text);
    if (word.n < SHORTEST || find_word(w, word.text) >= 0)
        return;
    if (w->n == WORDS_MAX)
        abort(); /* the specimen has more certificates than any order of walk.mjs */
    word.text = ch_strdup(a, word.text);
    char *hex =
        word.shape == HEX || word.shape == BLIND ? ch_strdup(a, word.text) : ch_hex(a, CH_BYTES(word.text, word.n));
    for (char *p = hex; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    word.hex = hex;
    word.hex_n = strlen(hex);
    w->list[w->n++] = word;
    w->begins[WORD_BEGINS(word.text)] = true;
    w->begins_hex[WORD_BEGINS(word.hex)] = true;
}

static char *keyed_hash(struct ch_arena *a, const struct ch_ring *ring, const char *field, const char *text)
{
    unsigned char hash[CH_SHA256_BYTES];

    ch_blind(ring, field, text, hash);
    return ch_hex(a, CH_BYTES(hash, sizeof hash));
}

static void add_hash(struct ch_arena *a, struct words *w, const struct ch_ring *ring, const char *field, const char *text)
{
    words_add(
        a, w,
        (struct word){.shape = BLIND, .text = keyed_hash(a, ring, field, text), .of = find_word(w, text), .key = field});
}

void words_of_mobile(struct ch_arena *a, struct words *w, const struct ch_ring *ring, enum shape shape, const char *mobile)
{
    words_add(a, w, (struct word){.shape = shape, .text = mobile, .keep = 3});
    words_add(a, w,
              (struct word){.shape = MASK_MOBILE, .text = ch_rule_mask_mobile(a, mobile), .of = find_word(w, mobile)});
    add_hash(a, w, ring, "phone", mobile);
}

static void add_field(struct ch_arena *a, struct words *w, const struct ch_ring *ring, enum shape shape, const char *text)
{
    if (strlen(text) < SHORTEST)
        return;
    if (shape == MOBILE) {
        words_of_mobile(a, w, ring, shape, text);
        return;
    }
    words_add(a, w, (struct word){.shape = shape, .text = text});
    if (shape == USCC)
        add_hash(a, w, ring, "unit_code", text);
    if (shape == IDCARD) {
        add_hash(a, w, ring, "person_id", text);
        words_add(a, w, (struct word){.shape = MASK_ID, .text = ch_rule_mask_id(a, text), .of = find_word(w, text)});
    }
    if (shape == DIGITS)
        words_add(a, w,
                  (struct word){.shape = MASK_ACCOUNT, .text = ch_rule_mask_account(a, text), .of = find_word(w, text)});
}

static void add_fields(struct ch_arena *a, struct words *w, const struct ch_ring *ring, const struct ch_json *form)
{
    for (size_t i = 0; i < CH_COUNT(fields); i++) {
        const char *text = ch_json_text(form, fields[i].field);
        if (text != NULL)
            add_field(a, w, ring, fields[i].shape, text);
    }
}

void words_of_form(struct ch_arena *a, struct words *w, const struct ch_ring *ring, const struct ch_json *form, int secret)
{
    const struct ch_json *items = ch_form_items(form);
    const char *json = ch_form_marks(a, ring, form);
    struct ch_json *marks;

    add_fields(a, w, ring, form);
    for (const struct ch_json *item = items != NULL ? items->first : NULL; item != NULL; item = item->next)
        add_fields(a, w, ring, item);
    if (ch_json_parse(a, CH_BYTES(json, strlen(json)), &marks, NULL) != CH_JSON_OK)
        abort(); /* cannot happen: it is our own JSON */
    for (const struct ch_json *m = marks->first; m != NULL; m = m->next)
        words_add(a, w, (struct word){.shape = MARK, .text = m->text, .of = secret, .key = m->key});
}

/* ---- inventing words ---- */

uint64_t chance(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* The characters that may replace `c`; "" when it stays. */
static const char *replacements(enum shape shape, char c)
{
    if (shape == HEX)
        return isdigit((unsigned char)c) || islower((unsigned char)c) ? "0123456789abcdef"
               : isupper((unsigned char)c)                            ? "0123456789ABCDEF"
                                                                      : "";
    if (isdigit((unsigned char)c))
        return shape == UPPER ? "23456789" : "0123456789";
    return shape == UPPER && isupper((unsigned char)c) ? "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" : "";
}

static char *invent_word(struct ch_arena *a, const struct word *w, uint64_t *state)
{
    char *s = ch_strndup(a, w->text, w->n);
    bool upper = w->shape == HEX && strpbrk(w->text, "abcdef") == NULL; /* a serial number may have no letter at all */

    for (size_t i = (size_t)w->keep; i < w->n; i++) {
        const char *from = upper && isxdigit((unsigned char)s[i]) ? "0123456789ABCDEF" : replacements(w->shape, s[i]);
        if (*from != '\0')
            s[i] = from[chance(state) % strlen(from)];
    }
    return s;
}

/* Replaces the Chinese characters of a name, which have three bytes each: from `first` on, except for the last `end`. */
static char *invent_name(struct ch_arena *a, const struct word *w, size_t first, size_t end, uint64_t *state)
{
    static const char pool[] =
        "安邦博诚达鼎东丰富广国海恒宏华嘉建金景久康科力联隆茂明南宁鹏启瑞润升盛泰天通同万伟祥新兴雅亿永元远正志中众卓";
    char *s = ch_strndup(a, w->text, w->n);

    for (size_t i = first * 3; i + end * 3 + 3 <= w->n; i += 3)
        if ((unsigned char)s[i] >= 0xe3 && (unsigned char)s[i] <= 0xe9)
            memcpy(s + i, pool + chance(state) % ((sizeof pool - 1) / 3) * 3, 3);
    return s;
}

static char *invent_idcard(struct ch_arena *a, const struct word *w, uint64_t *state)
{
    static const int weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    uint64_t r = chance(state);
    char *s = ch_printf(a, "%.6s%04d%02d%02d%03d", w->text, (int)(1956 + r % 48), (int)(1 + r / 64 % 12),
                        (int)(1 + r / 4096 % 28), (int)(r / 1048576 % 1000));
    int sum = 0;

    for (size_t i = 0; i < CH_COUNT(weights); i++)
        sum += weights[i] * (s[i] - '0');
    return ch_printf(a, "%s%c", s, "10X98765432"[sum % 11]);
}

static char *invent_uscc(struct ch_arena *a, const struct word *w, uint64_t *state)
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    char *s = ch_strndup(a, w->text, w->n);
    int sum = 0;

    for (size_t i = 8; i < 17; i++)
        s[i] = digits[chance(state) % (sizeof digits - 1)];
    for (size_t i = 0; i < CH_COUNT(weights); i++)
        sum += weights[i] * (int)(strchr(digits, s[i]) - digits);
    s[17] = digits[(31 - sum % 31) % 31];
    return s;
}

static char *next_number(struct ch_arena *a, const struct word *w, int64_t number)
{
    return ch_printf(a, "%.*s%0*lld", w->keep, w->text, (int)w->n - w->keep, (long long)number);
}

const char *word_invent(struct ch_arena *a, const struct words *all, size_t i, const char *const *made,
                        const struct inventing *with)
{
    const struct word *w = &all->list[i];
    const char *of = w->of >= 0 && (size_t)w->of < i ? made[w->of] : NULL;

    switch (w->shape) {
    case ORDER_NUMBER: /* two orders may begin in the same millisecond, so the last digits count on */
        return ch_printf(a, "%013lld%05lld", (long long)(with->created / 1000), (long long)(++orders % 100000));
    case DIGITS:
    case HEX:
    case UPPER:
    case MOBILE:
        return invent_word(a, w, with->state);
    case ACCOUNT_MOBILE: /* a permutation of seven thousand million numbers */
        return ch_printf(a, "1%010llu",
                         (unsigned long long)(3000000000u + (__uint128_t)(uint64_t)++accounts * 4294967291u % 7000000000u));
    case SEAL_CODE:
        return next_number(a, w, ++seal_codes);
    case FILING_NUMBER:
        return next_number(a, w, ++filings);
    case UNIT:
        return invent_name(a, w, 2, w->n / 3 > 10 ? w->n / 3 - 6 : 4, with->state);
    case PERSON:
        return invent_name(a, w, 1, 0, with->state);
    case USCC:
        return w->n == 18 ? invent_uscc(a, w, with->state) : invent_word(a, w, with->state);
    case IDCARD:
        return w->n == 18 ? invent_idcard(a, w, with->state) : invent_word(a, w, with->state);
    case MASK_MOBILE:
        return ch_rule_mask_mobile(a, of);
    case MASK_ID:
        return ch_rule_mask_id(a, of);
    case MASK_ACCOUNT:
        return ch_rule_mask_account(a, of);
    case BLIND:
        return keyed_hash(a, with->ring, w->key, of);
    case MARK:
        return with->marks != NULL ? ch_json_text(with->marks, w->key) : w->text;
    }
    abort();
}
