/* SPDX-License-Identifier: Apache-2.0
 * Writing the export of the log (core/order/log_export.h) page by page. Between two pages only the state stays. */
#ifndef CH_ORDER_LOG_WRITE_H
#define CH_ORDER_LOG_WRITE_H

#include "core/db/db.h"
#include "core/order/log_export.h"

/* Rows that are read at once. */
#define CH_LOG_PAGE 2000

struct ch_log_write {
    int64_t size;   /* of the log that is written: that of a signed head */
    int64_t leaves; /* written so far; the next page begins there */
    int64_t heads;
    struct ch_log_mark mark;
};

/* The lines of the next page, as log_export_rows(leaves, size, …) and log_export_heads(leaves, …) answer. With the first page comes the
 * first line, with the last one the last; w->leaves == w->size tells that nothing follows. False when a leaf is missing. */
bool ch_log_write_page(struct ch_arena *a, struct ch_log_write *w, const struct ch_rows *rows,
                       const struct ch_rows *heads, struct ch_bytes *lines) CH_MUST;

#endif
