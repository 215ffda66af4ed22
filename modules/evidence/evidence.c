/* SPDX-License-Identifier: Apache-2.0
 * Module evidence: an auditor asks for an order's package with a reason, sees what was made of it, and fetches it. The runner makes it
 * (programs/runner/evidence.c). Exports of the log are in log.c. */
#include "modules/evidence/evidence.h"

#include "core/base/random.h"
#include "core/form/rule.h"
#include "core/paper/store.h"
#include "log_export_sql.h"

#include <string.h>

#define REASON "evidence.reason" /* places of hall.evidence (core/crypto/ring.h) */
#define FILE_KEY "evidence.key"

static const struct ch_field fields[] = {
    CH_IN_TEXT(struct evidence_in, number, CH_REQUIRED, 18, 18, NULL),
    CH_IN_TEXT(struct evidence_in, reason, CH_REQUIRED, 4, 500, ch_rule_name),
};
static const struct ch_input body = CH_INPUT(struct evidence_in, fields);

static const struct ch_field log_fields[] = {
    CH_IN_TEXT(struct evidence_log_in, reason, CH_REQUIRED, 4, 500, ch_rule_name),
};
static const struct ch_input log_body = CH_INPUT(struct evidence_log_in, log_fields);

/* `place`: where the reason is encrypted. */
static enum ch_err put_reason(struct ch_req *r, struct ch_jw *w, const void *place, const struct ch_rows *rows, int i)
{
    const char *reason;

    enum ch_err e = ch_decrypt_text(r, place, ch_col(rows, i, "id"), ch_col_bytes(rows, r->a, i, "reason"), &reason);
    if (e == CH_OK)
        ch_jw_text(w, "reason", reason);
    return e;
}

enum ch_err evidence_reply(struct ch_req *r, int status, const char *place, const struct ch_rows *rows, int most)
{
    return ch_desk_rows_reply(r, status, rows, most, "id", put_reason, place);
}

static enum ch_err list_packages(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = ch_run(
        r, CH_CALL(&evidence_list, ch_query_filter(r, "number"), ch_desk_after_id(r), ch_p_int(r->a, EVIDENCE_PAGE + 1)),
        &rows);
    return e == CH_OK ? evidence_reply(r, 200, REASON, &rows, EVIDENCE_PAGE) : e;
}

static enum ch_err ask_for_package(struct ch_req *r)
{
    const struct evidence_in *in = r->in;
    const char *id = ch_uuid7(r->a);
    struct ch_bytes reason = ch_encrypt(ch_ring(), r->a, REASON, id, CH_BYTES(in->reason, strlen(in->reason)));
    const struct ch_call calls[] = {
        CH_CALL(&evidence_ask_row, ch_p_text(id), ch_p_text(in->number), ch_p_bytes(reason)),
        CH_CALL(&evidence_list, ch_p_text(in->number), ch_p_null(), ch_p_int(r->a, EVIDENCE_PAGE + 1))};
    struct ch_rows rows[CH_COUNT(calls)];

    enum ch_err e = ch_run_all(r, calls, CH_COUNT(calls), rows);
    return e == CH_OK ? evidence_reply(r, 202, REASON, &rows[1], EVIDENCE_PAGE) : e;
}

static enum ch_err fetch_package(struct ch_req *r)
{
    struct ch_rows rows;
    struct ch_bytes file;

    enum ch_err e = ch_run(r, CH_CALL(&evidence_file, ch_p_text(ch_var(r, "id"))), &rows);
    if (e != CH_OK)
        return e;
    if (rows.n != 1)
        return ch_fail_say(r, CH_E_NOT_FOUND, "没有找到这个证据包，它可能已经到期删除。");
    e = ch_store_get_at(r->a, &r->fault, ch_ring(), FILE_KEY, ch_var(r, "id"), ch_col_bytes(&rows, r->a, 0, "file_key"),
                        &file);
    if (e != CH_OK)
        return e;
    ch_header(r, "Cache-Control", "no-store");
    return ch_reply_file(r, "application/zip", ch_printf(r->a, "evidence-%s.zip", ch_col(&rows, 0, "number")), file);
}

static const struct ch_route routes[] = {
    {"GET", "/desk/api/evidence", CH_AUDITOR, NULL, 0, CH_TX_SINGLE, "evidence.list", list_packages},
    {"POST", "/desk/api/evidence", CH_AUDITOR, &body, CH_KB(4), CH_TX_SINGLE, "evidence.ask", ask_for_package},
    {"GET", "/desk/api/evidence/{id:uuid}/file", CH_AUDITOR, NULL, 0, CH_TX_SINGLE, "evidence.fetch", fetch_package},
    {"GET", "/desk/api/evidence/log", CH_AUDITOR, NULL, 0, CH_TX_SINGLE, "evidence.log_list", evidence_log_list},
    {"POST", "/desk/api/evidence/log", CH_AUDITOR, &log_body, CH_KB(4), CH_TX_SINGLE, "evidence.log_ask", evidence_log_ask},
    {"GET", "/desk/api/evidence/log/{id:uuid}/file", CH_AUDITOR, NULL, 0, CH_TX_EACH, "evidence.log_fetch",
     evidence_log_fetch},
    {0},
};

static const struct ch_route *const tables[] = {routes, NULL};
static const struct ch_stmt *const *const statements[] = {evidence_statements, log_export_statements, NULL};

static const struct ch_module evidence_module = {.name = "evidence",
                                                 .routes = tables,
                                                 .statements = statements,
                                                 .keys = CH_KEYS_EVIDENCE | CH_KEYS_BUCKET | CH_KEYS_SESSION,
                                                 .store = true};

int main(int argc, char **argv)
{
    return ch_module_main(&evidence_module, argc, argv);
}
