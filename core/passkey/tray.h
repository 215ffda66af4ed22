/* SPDX-License-Identifier: Apache-2.0
 * Several decisions under one signature. A decision is a statement, which is a text; the statements of a tray are the leaves of a
 * Merkle tree as in RFC 9162, section 2.1, with SHA-256, and the tree's root is what the passkey signs. So each decision can be
 * shown alone: by its statement, its path in the tree, and the assertion. A single decision is a tray of one, whose root is its
 * leaf. */
#ifndef CH_PASSKEY_TRAY_H
#define CH_PASSKEY_TRAY_H

#include "core/crypto/digest.h"

#define CH_TRAY_MAX 64 /* decisions on a tray */
#define CH_TRAY_PATH 6 /* most steps from a leaf to the root */

typedef unsigned char ch_tray_hash[CH_SHA256_BYTES];

/* The leaf of a statement. */
void ch_tray_leaf(struct ch_bytes statement, ch_tray_hash out);
/* The root of `n` leaves, 1 to CH_TRAY_MAX. */
void ch_tray_root(const ch_tray_hash *leaves, size_t n, ch_tray_hash out);
/* The path of leaf `at` among `n`, from the leaf upwards; returns its length. */
size_t ch_tray_path(const ch_tray_hash *leaves, size_t n, size_t at, ch_tray_hash path[CH_TRAY_PATH]);
/* The root to which the path leads from the leaf at place `at` of `n`. False when there is no such place, or the path does not have
 * the length of that place. */
bool ch_tray_follow(const ch_tray_hash leaf, size_t n, size_t at, struct ch_bytes path, ch_tray_hash root) CH_MUST;

#endif
