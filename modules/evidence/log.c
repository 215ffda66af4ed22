/* SPDX-License-Identifier: Apache-2.0
 * Exports of the whole signed log: an auditor asks for one with a reason, and fetches it, page by page while it is sent. */
#include "modules/evidence/evidence.h"

#include "core/base/random.h"
#include "core/order/log_write.h"
#include "log_export_sql.h"

#include <string.h>

#define REASON "log_export.reason" /* a place of hall.log_export (core/crypto/ring.h) */

enum ch_err evidence_log_list(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e =
        ch_run(r, CH_CALL(&evidence_log_exports, ch_desk_after_id(r), ch_p_int(r->a, EVIDENCE_PAGE + 1)), &rows);

    return e == CH_OK ? evidence_reply(r, 200, REASON, &rows, EVIDENCE_PAGE) : e;
}

enum ch_err evidence_log_ask(struct ch_req *r)
{
    const struct evidence_log_in *in = r->in;
    const char *id = ch_uuid7(r->a);
    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call calls[] = {CH_CALL(&evidence_log_ask_row, ch_p_text(id), ch_p_bytes(reason)),
                                    CH_CALL(&evidence_log_exports, ch_p_null(), ch_p_int(r->a, EVIDENCE_PAGE + 1))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? evidence_reply(r, 201, REASON, &rows[1], EVIDENCE_PAGE) : e;
}

static enum ch_err make_page(struct ch_req *r, void *state, struct ch_bytes *part, bool *more)
{
    struct ch_log_write *w = state;
    const struct ch_call calls[] = {
        CH_CALL(&log_export_rows, ch_p_int(r->a, w->leaves), ch_p_int(r->a, w->size), ch_p_int(r->a, CH_LOG_PAGE)),
        CH_CALL(&log_export_heads, ch_p_int(r->a, w->leaves), ch_p_int(r->a, CH_LOG_PAGE))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    if (e != CH_OK)
        return e;
    if (!ch_log_write_page(r->a, w, &rows[0], &rows[1], part))
        return ch_fail(r, CH_E_INTERNAL, "leaf %lld of the log is missing", (long long)w->leaves);
    *more = w->leaves < w->size;
    return CH_OK;
}

enum ch_err evidence_log_fetch(struct ch_req *r)
{
    struct ch_log_write *w = CH_NEW(r->a, struct ch_log_write);
    struct ch_rows rows;

    enum ch_err e = ch_run(r, CH_CALL(&evidence_log_open, ch_p_text(ch_var(r, "id"))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有这次日志导出。");
    *w = (struct ch_log_write){.size = ch_col_int(&rows, 0, "size")};
    return ch_reply_parts(r, "application/x-ndjson",
                          ch_printf(r->a, "log-%s-%lld.jsonl", ch_col(&rows, 0, "day"), (long long)w->size), make_page, w);
}
