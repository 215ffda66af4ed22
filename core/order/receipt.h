/* SPDX-License-Identifier: Apache-2.0
 * The receipt of an order: the digests of the rows of its audit trail (hall.audit), each with the proof that the signed log contains it
 * (core/crypto/merkle.h). Whoever keeps a receipt can show later that these rows were there when the log's head was signed, and that
 * none of them was changed, added in between, or taken away since. It is a JSON text:
 *
 *   {"kind": "certhall receipt", "version": 1, "order": its number,
 *    "log": {"size": leaves, "root": hex, "signed_at": RFC 3339, "signature": base64 of a DER SM2 signature},
 *    "rows": [{"subject": uuid, "seq": from 1 in each subject, "leaf": index, "head": hex, "proof": [hex, …], "text": …}, …]}
 *
 * `head` is SM3(head of the row before | text of the row), the first row of a subject having nothing before it. The text is told only of
 * what the receipt's reader did, and null otherwise. `signed_at` and the order's number are not covered by the log's signature. */
#ifndef CH_ORDER_RECEIPT_H
#define CH_ORDER_RECEIPT_H

#include "core/base/arena.h"

#include <openssl/evp.h>

#define CH_RECEIPT_KIND "certhall receipt"
#define CH_RECEIPT_VERSION 1

/* What a receipt says. Texts belong to the arena. */
struct ch_receipt {
    const char *order, *signed_at;
    int64_t size;              /* of the log, in leaves */
    struct ch_bytes root;      /* of that log */
    struct ch_bytes signature; /* of its head */
    size_t rows;
    size_t told; /* rows whose text is told and has that digest */
};

enum ch_receipt_result {
    CH_RECEIPT_GOOD,
    CH_RECEIPT_NONE,      /* the bytes are no receipt, or one of another version */
    CH_RECEIPT_PROOF,     /* a row is not in that log */
    CH_RECEIPT_ORDER,     /* rows are out of order, or stand twice */
    CH_RECEIPT_TEXT,      /* a row's text does not have its digest */
    CH_RECEIPT_SIGNATURE, /* the head is not signed with that key */
};

/* Reads a receipt and checks its rows against the root that it names; everything but the signature of that root. */
enum ch_receipt_result ch_receipt_read(struct ch_arena *a, struct ch_bytes text, struct ch_receipt *out) CH_MUST;
/* Whether the log's key has signed the root that was read. */
bool ch_receipt_signed(struct ch_arena *a, const struct ch_receipt *r, EVP_PKEY *key) CH_MUST;

#endif
