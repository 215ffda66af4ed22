/* SPDX-License-Identifier: Apache-2.0
 * The export of the log: the mark over its lines, for who writes them and who checks them. */
#include "core/order/log_export.h"

#include "core/base/buf.h"

void ch_log_mark_line(struct ch_arena *a, struct ch_log_mark *mark, struct ch_bytes line)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    ch_buf_add(&b, mark->is, mark->n);
    ch_buf_add(&b, line.p, line.n);
    ch_sm3(ch_buf_bytes(&b), mark->is);
    mark->n = CH_SM3_BYTES;
}
