/* SPDX-License-Identifier: Apache-2.0
 * The whole signed log as a file, for an auditor who has no database: lines of JSON, in the order of the leaves.
 *
 *   {"kind": "certhall log", "version": 1, "size": leaves}                             the first line
 *   {"leaf": index, "subject": uuid, "seq": number, "head": hex, "text": …}            a row of the audit trail
 *   {"leaf": index, "hash": hex}                                                       a leaf whose row is not there any more
 *   {"size": leaves, "root": hex, "signed_at": RFC 3339, "signature": base64}          a signed head, after its last leaf
 *   {"leaves": number, "heads": number, "mark": hex}                                   the last line
 *
 * `head` is SM3(head of the subject's row before | text). A row whose row before is not in the file has that head in `before`. The mark is
 * SM3(mark | line) over all lines before it, beginning without one: it shows a damaged file, and proves nothing against somebody who
 * computes it anew. `signed_at` is covered by no signature. */
#ifndef CH_ORDER_LOG_EXPORT_H
#define CH_ORDER_LOG_EXPORT_H

#include "core/base/arena.h"
#include "core/crypto/digest.h"

#define CH_LOG_KIND "certhall log"
#define CH_LOG_VERSION 1
#define CH_LOG_LINE_MOST ((size_t)4 << 20) /* bytes of a line */

struct ch_log_mark {
    unsigned char is[CH_SM3_BYTES];
    size_t n; /* 0 before the first line */
};

/* Goes on with a line, without its line feed. */
void ch_log_mark_line(struct ch_arena *a, struct ch_log_mark *mark, struct ch_bytes line);

#endif
