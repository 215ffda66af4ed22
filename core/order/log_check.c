/* SPDX-License-Identifier: Apache-2.0
 * Checks an export of the log: the tree is built again leaf by leaf, each subject's chain is followed, and every signed head must be the
 * root over the leaves before it. */
#include "core/order/log_check.h"

#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"
#include "core/order/trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_BYTES 16
#define PLACES_FIRST 1024

/* The last row of a subject that was read; seq is 0 in a free place. */
struct chain {
    unsigned char id[ID_BYTES], head[CH_SM3_BYTES];
    int64_t seq;
};

struct ch_log_check {
    EVP_PKEY *key;
    const struct ch_log_seen *earlier;
    struct ch_log_seen seen;
    struct ch_merkle tree;
    struct ch_log_mark mark;
    int64_t size; /* that the first line names; 0 before it */
    bool ended;
    struct ch_arena *line;  /* what one line takes */
    struct ch_arena *table; /* the places */
    struct chain *places;
    size_t room; /* a power of two */
};

struct ch_log_check *ch_log_check_new(EVP_PKEY *key, const struct ch_log_seen *earlier)
{
    struct ch_log_check *c = calloc(1, sizeof *c);

    if (c == NULL)
        abort();
    c->key = key;
    c->earlier = earlier;
    c->line = ch_arena_new();
    c->table = ch_arena_new();
    c->room = PLACES_FIRST;
    c->places = ch_alloc_array(c->table, c->room, sizeof *c->places);
    return c;
}

void ch_log_check_free(struct ch_log_check *c)
{
    ch_arena_free(c->line);
    ch_arena_free(c->table);
    free(c);
}

const struct ch_log_seen *ch_log_check_seen(const struct ch_log_check *c)
{
    return &c->seen;
}

/* ---- the subjects ---- */

/* The place of a subject: its own, or the free one where it goes. */
static struct chain *place_of(struct chain *places, size_t room, const unsigned char id[ID_BYTES])
{
    uint64_t h = 0;

    for (size_t i = 0; i < ID_BYTES; i++)
        h = (h ^ id[i]) * 0x100000001b3U;
    for (size_t at = (size_t)(h ^ h >> 32) & (room - 1);; at = (at + 1) & (room - 1))
        if (places[at].seq == 0 || memcmp(places[at].id, id, ID_BYTES) == 0)
            return &places[at];
}

static void grow_table(struct ch_log_check *c)
{
    struct ch_arena *larger = ch_arena_new();
    size_t room = c->room * 2;
    struct chain *places = ch_alloc_array(larger, room, sizeof *places);

    for (size_t i = 0; i < c->room; i++)
        if (c->places[i].seq > 0)
            *place_of(places, room, c->places[i].id) = c->places[i];
    ch_arena_free(c->table);
    c->table = larger;
    c->places = places;
    c->room = room;
}

static struct chain *chain_of(struct ch_log_check *c, const unsigned char id[ID_BYTES])
{
    if ((size_t)c->seen.subjects >= c->room / 2)
        grow_table(c);
    return place_of(c->places, c->room, id);
}

/* ---- the lines ---- */

/* The bytes of a UUID in its usual form. */
static bool read_id(struct ch_arena *a, const char *text, unsigned char out[ID_BYTES])
{
    struct ch_bytes bytes;
    char digits[2 * ID_BYTES + 1];
    size_t n = 0;

    if (text == NULL || strlen(text) != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-'))
            return false;
        if (!dash)
            digits[n++] = text[i];
    }
    digits[n] = '\0';
    if (!ch_unhex(a, digits, &bytes))
        return false;
    memcpy(out, bytes.p, ID_BYTES);
    return true;
}

static enum ch_log_result read_first(struct ch_log_check *c, const struct ch_json *line)
{
    const char *kind = ch_json_text(line, "kind");
    int64_t version;

    if (kind == NULL || strcmp(kind, CH_LOG_KIND) != 0 || !ch_json_int(line, "version", &version) ||
        version != CH_LOG_VERSION || !ch_json_int(line, "size", &c->size) || c->size < 1) {
        c->size = 0;
        return CH_LOG_NONE;
    }
    return c->earlier != NULL && c->size < c->earlier->leaves ? CH_LOG_SHORTER : CH_LOG_GOOD;
}

/* A row, whose digest is put into *head. */
static enum ch_log_result read_row(struct ch_log_check *c, const struct ch_json *line, struct ch_bytes *head)
{
    const char *subject = ch_json_text(line, "subject"), *text = ch_json_text(line, "text");
    struct ch_bytes before = {NULL, 0};
    unsigned char id[ID_BYTES];
    int64_t seq;

    if (!read_id(c->line, subject, id) || !ch_json_int(line, "seq", &seq) || seq < 1 || text == NULL ||
        !ch_trail_digest(c->line, ch_json_text(line, "head"), head))
        return CH_LOG_NONE;
    struct chain *chain = chain_of(c, id);
    bool known = chain->seq > 0;
    if (known && seq != chain->seq + 1)
        return CH_LOG_CHAIN;
    if (known)
        before = CH_BYTES(chain->head, CH_SM3_BYTES);
    else if (seq > 1 && !ch_trail_digest(c->line, ch_json_text(line, "before"), &before)) /* those before were taken away */
        return CH_LOG_CHAIN;
    if (!ch_trail_fits(c->line, text, subject, seq, before, *head))
        return CH_LOG_TEXT;
    c->seen.subjects += !known;
    memcpy(chain->id, id, ID_BYTES);
    memcpy(chain->head, head->p, CH_SM3_BYTES);
    chain->seq = seq;
    return CH_LOG_GOOD;
}

static enum ch_log_result read_leaf(struct ch_log_check *c, const struct ch_json *line)
{
    unsigned char hash[CH_SM3_BYTES];
    struct ch_bytes bytes;
    int64_t leaf;

    if (!ch_json_int(line, "leaf", &leaf))
        return CH_LOG_NONE;
    if (leaf != c->seen.leaves || leaf >= c->size)
        return CH_LOG_LEAF;
    if (ch_json_get(line, "hash") != NULL) {
        if (!ch_trail_digest(c->line, ch_json_text(line, "hash"), &bytes))
            return CH_LOG_NONE;
        memcpy(hash, bytes.p, sizeof hash);
        c->seen.bare++;
    } else {
        enum ch_log_result result = read_row(c, line, &bytes);
        if (result != CH_LOG_GOOD)
            return result;
        ch_merkle_leaf_hash(bytes, hash);
    }
    ch_merkle_add(&c->tree, hash);
    c->seen.leaves++;
    return CH_LOG_GOOD;
}

/* Where the earlier export ended, this one must have had the same rows and the same heads. */
static enum ch_log_result compare(const struct ch_log_check *c)
{
    const struct ch_log_seen *then = c->earlier, *now = &c->seen;

    if (then == NULL || then->leaves != now->leaves)
        return CH_LOG_GOOD;
    if (memcmp(then->root, now->root, CH_SM3_BYTES) != 0)
        return CH_LOG_FORKED;
    return memcmp(then->heads_mark.is, now->heads_mark.is, CH_SM3_BYTES) == 0 ? CH_LOG_GOOD : CH_LOG_HEADS;
}

static enum ch_log_result read_head(struct ch_log_check *c, const struct ch_json *line, struct ch_bytes text)
{
    const char *at = ch_json_text(line, "signed_at"), *base64 = ch_json_text(line, "signature");
    unsigned char is[CH_SM3_BYTES];
    struct ch_bytes root, signature;
    int64_t size;

    if (at == NULL || strlen(at) >= sizeof c->seen.last_at || base64 == NULL || !ch_unbase64(c->line, base64, &signature) ||
        !ch_trail_digest(c->line, ch_json_text(line, "root"), &root) || !ch_json_int(line, "size", &size))
        return CH_LOG_NONE;
    if (size != c->seen.leaves || size == 0)
        return CH_LOG_HEAD;
    ch_merkle_root(&c->tree, is);
    if (memcmp(is, root.p, sizeof is) != 0)
        return CH_LOG_ROOT;
    if (!ch_verify(c->key, NULL, ch_merkle_statement(c->line, (uint64_t)size, is), signature))
        return CH_LOG_SIGNATURE;
    if (c->seen.heads++ == 0)
        snprintf(c->seen.first_at, sizeof c->seen.first_at, "%s", at);
    snprintf(c->seen.last_at, sizeof c->seen.last_at, "%s", at);
    memcpy(c->seen.root, is, sizeof is);
    ch_log_mark_line(c->line, &c->seen.heads_mark, text);
    return compare(c);
}

/* Whether the tree's last leaf is covered by the last head. */
static bool is_signed(const struct ch_log_check *c)
{
    unsigned char is[CH_SM3_BYTES];

    ch_merkle_root(&c->tree, is);
    return c->seen.heads > 0 && memcmp(is, c->seen.root, sizeof is) == 0;
}

static enum ch_log_result read_last(struct ch_log_check *c, const struct ch_json *line)
{
    struct ch_bytes mark;
    int64_t leaves, heads;

    if (!ch_json_int(line, "leaves", &leaves) || !ch_json_int(line, "heads", &heads) ||
        !ch_trail_digest(c->line, ch_json_text(line, "mark"), &mark))
        return CH_LOG_NONE;
    if (leaves != c->seen.leaves || heads != c->seen.heads || leaves != c->size)
        return CH_LOG_COUNT;
    if (!is_signed(c))
        return CH_LOG_UNSIGNED;
    c->ended = true;
    return ch_same(mark, CH_BYTES(c->mark.is, sizeof c->mark.is)) ? CH_LOG_GOOD : CH_LOG_MARK;
}

enum ch_log_result ch_log_check_line(struct ch_log_check *c, struct ch_bytes line)
{
    enum ch_log_result result;
    struct ch_json *root;

    if (c->ended)
        return CH_LOG_AFTER;
    ch_arena_reset(c->line);
    if (ch_json_parse(c->line, line, &root, NULL) != CH_JSON_OK)
        return CH_LOG_NONE;
    if (c->size == 0)
        result = read_first(c, root);
    else if (ch_json_get(root, "leaf") != NULL)
        result = read_leaf(c, root);
    else if (ch_json_get(root, "mark") != NULL)
        result = read_last(c, root);
    else
        result = read_head(c, root, line);
    if (result == CH_LOG_GOOD && !c->ended)
        ch_log_mark_line(c->line, &c->mark, line);
    return result;
}

enum ch_log_result ch_log_check_end(struct ch_log_check *c)
{
    return c->ended ? CH_LOG_GOOD : c->size == 0 ? CH_LOG_NONE : CH_LOG_CUT;
}
