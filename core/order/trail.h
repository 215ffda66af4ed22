/* SPDX-License-Identifier: Apache-2.0
 * Rows of the audit trail as receipts and exports of the log have them: a text "kind|subject|seq|…" and its digest, which is
 * SM3(digest of the subject's row before | text) (hall.audit_head). */
#ifndef CH_ORDER_TRAIL_H
#define CH_ORDER_TRAIL_H

#include "core/base/arena.h"

/* A digest in hexadecimal digits, of which `hex` may be NULL; false when it is none. */
bool ch_trail_digest(struct ch_arena *a, const char *hex, struct ch_bytes *out) CH_MUST;
/* Whether the text is that of this row of this subject, and has the digest `head`; `before` is empty for a subject's first row. */
bool ch_trail_fits(struct ch_arena *a, const char *text, const char *subject, int64_t seq, struct ch_bytes before,
                   struct ch_bytes head) CH_MUST;

#endif
