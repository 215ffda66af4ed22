/* SPDX-License-Identifier: Apache-2.0
 * Reads the receipt of an order and checks what it proves. */
#include "core/order/receipt.h"

#include "core/base/codec.h"
#include "core/crypto/merkle.h"
#include "core/crypto/sign.h"
#include "core/json/json.h"
#include "core/order/trail.h"

#include <string.h>

#define SUBJECTS_MAX 500 /* an order, its certificates and its seals */

/* The last row of a subject that was read. */
struct chain {
    const char *subject;
    int64_t seq;
    struct ch_bytes head;
};

struct reading {
    struct ch_arena *a;
    struct ch_receipt *out;
    struct chain chains[SUBJECTS_MAX];
    size_t n;
    int64_t leaf; /* of the row before */
};

static bool read_log(struct ch_arena *a, const struct ch_json *log, struct ch_receipt *out)
{
    const char *signature = ch_json_text(log, "signature");

    out->signed_at = ch_json_text(log, "signed_at");
    return out->signed_at != NULL && ch_json_int(log, "size", &out->size) && out->size > 0 &&
           ch_trail_digest(a, ch_json_text(log, "root"), &out->root) && signature != NULL &&
           ch_unbase64(a, signature, &out->signature);
}

/* The hashes of a proof, one after the other. */
static bool read_proof(struct ch_arena *a, const struct ch_json *proof, struct ch_bytes *out)
{
    struct ch_bytes hash;
    struct ch_buf b;

    ch_buf_init(&b, a);
    for (const struct ch_json *one = ch_json_first(proof, "proof"); one != NULL; one = one->next) {
        if (one->kind != CH_JSON_STRING || !ch_trail_digest(a, one->text, &hash))
            return false;
        ch_buf_add(&b, hash.p, hash.n);
    }
    *out = ch_buf_bytes(&b);
    return true;
}

/* The chain of that subject, a new one when it has no row yet; NULL when there are too many. */
static struct chain *chain_of(struct reading *r, const char *subject)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->chains[i].subject, subject) == 0)
            return &r->chains[i];
    if (r->n == SUBJECTS_MAX)
        return NULL;
    r->chains[r->n] = (struct chain){.subject = subject};
    return &r->chains[r->n++];
}

static enum ch_receipt_result read_row(struct reading *r, const struct ch_json *row)
{
    const char *subject = ch_json_text(row, "subject"), *text = ch_json_text(row, "text");
    unsigned char hash[CH_SM3_BYTES];
    struct ch_bytes head, proof;
    int64_t seq, leaf;

    if (subject == NULL || !ch_json_int(row, "seq", &seq) || !ch_json_int(row, "leaf", &leaf) || leaf < 0 ||
        !ch_trail_digest(r->a, ch_json_text(row, "head"), &head) || !read_proof(r->a, row, &proof))
        return CH_RECEIPT_NONE;
    ch_merkle_leaf_hash(head, hash);
    if (!ch_merkle_proves(proof, (uint64_t)r->out->size, (uint64_t)leaf, hash, r->out->root.p))
        return CH_RECEIPT_PROOF;
    struct chain *chain = chain_of(r, subject);
    if (chain == NULL || leaf <= r->leaf || seq < 1 || (chain->seq > 0 && seq != chain->seq + 1))
        return CH_RECEIPT_ORDER;
    if (text != NULL &&
        (chain->seq > 0 || seq == 1)) { /* the row before a receipt's first one may be in a month that was taken away */
        if (!ch_trail_fits(r->a, text, chain->subject, seq, chain->head, head))
            return CH_RECEIPT_TEXT;
        r->out->told++;
    }
    chain->seq = seq;
    chain->head = head;
    r->leaf = leaf;
    r->out->rows++;
    return CH_RECEIPT_GOOD;
}

enum ch_receipt_result ch_receipt_read(struct ch_arena *a, struct ch_bytes text, struct ch_receipt *out)
{
    struct reading *r = CH_NEW(a, struct reading);
    struct ch_json *root;
    const char *kind;
    int64_t version;

    *out = (struct ch_receipt){0};
    if (ch_json_parse(a, text, &root, NULL) != CH_JSON_OK || (kind = ch_json_text(root, "kind")) == NULL ||
        strcmp(kind, CH_RECEIPT_KIND) != 0 || !ch_json_int(root, "version", &version) ||
        version != CH_RECEIPT_VERSION || (out->order = ch_json_text(root, "order")) == NULL ||
        !read_log(a, ch_json_get(root, "log"), out) || ch_json_first(root, "rows") == NULL)
        return CH_RECEIPT_NONE;
    r->a = a;
    r->out = out;
    r->leaf = -1;
    for (const struct ch_json *row = ch_json_first(root, "rows"); row != NULL; row = row->next) {
        enum ch_receipt_result result = read_row(r, row);
        if (result != CH_RECEIPT_GOOD)
            return result;
    }
    return CH_RECEIPT_GOOD;
}

bool ch_receipt_signed(struct ch_arena *a, const struct ch_receipt *r, EVP_PKEY *key)
{
    return ch_verify(key, NULL, ch_merkle_statement(a, (uint64_t)r->size, r->root.p), r->signature);
}
