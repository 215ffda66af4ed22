/* SPDX-License-Identifier: Apache-2.0
 * Electronic seals for staff: finding them, their picture and file, and the record of all seals made and withdrawn (备案). */
#include "modules/registry/registry.h"

#include "core/base/clock.h"
#include "core/form/rule.h"

#include <string.h>

enum ch_err registry_seals(struct ch_req *r)
{
    const char *words = ch_query(r, "q"), *state = ch_query(r, "state"), *out;

    if (words != NULL && (*words == '\0' || strlen(words) > 120))
        words = NULL;
    enum ch_err e = ch_run_text(r,
                                CH_CALL(&registry_seals_json, ch_p_text(words), ch_p_text(state),
                                        ch_query_filter(r, "after"), ch_desk_page_size(r, 20)),
                                &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

#define WITHDRAW_REASON CH_IN_TEXT(struct registry_seal_withdraw_in, reason, CH_REQUIRED, 2, 200, ch_rule_name)
static const struct ch_field withdraw_asked_fields[] = {WITHDRAW_REASON};
const struct ch_input registry_seal_withdraw_asked = CH_INPUT(struct registry_seal_withdraw_in, withdraw_asked_fields);

static const struct ch_field withdraw_fields[] = {
    WITHDRAW_REASON,
    CH_IN_OBJECT(struct registry_seal_withdraw_in, decision, CH_REQUIRED),
};
const struct ch_input registry_seal_withdraw_body = CH_INPUT(struct registry_seal_withdraw_in, withdraw_fields);

static enum ch_err read_withdraw(struct ch_req *r, struct ch_act *act)
{
    const struct registry_seal_withdraw_in *in = r->in;

    *act = ch_act_new(r->a, "注销电子印章", ch_act_reviewers, &(struct ch_act_fact){"注销原因", in->reason}, 1);
    return ch_run(r, CH_CALL(&registry_seal_facts, ch_p_text(ch_var(r, "id"))), &act->facts);
}

enum ch_err registry_seal_statement(struct ch_req *r)
{
    struct ch_act act;

    enum ch_err e = read_withdraw(r, &act);
    return e == CH_OK ? ch_act_offer(r, &act) : e;
}

enum ch_err registry_seal_withdraw(struct ch_req *r)
{
    const struct registry_seal_withdraw_in *in = r->in;
    struct ch_param signed_act;
    const char *out;
    struct ch_act act;

    enum ch_err e = read_withdraw(r, &act);
    if (e == CH_OK)
        e = ch_act_take(r, &act, in->decision, &signed_act);
    if (e == CH_OK)
        e = ch_run_text(
            r, CH_CALL(&registry_seal_withdraw_row, ch_p_text(ch_var(r, "id")), ch_p_text(in->reason), signed_act), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static enum ch_err read_seal_files(struct ch_req *r, struct ch_rows *rows)
{
    return ch_run_row(r, CH_CALL(&registry_seal_files, ch_p_text(ch_var(r, "id"))), rows);
}

enum ch_err registry_seal_file(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    if (e != CH_OK)
        return e;
    struct ch_bytes seal = ch_col_bytes(&rows, r->a, 0, "seal");
    if (seal.p == NULL)
        return ch_fail_say(r, CH_E_NOT_FOUND, "印章还没有制作完成。");
    return ch_reply_file(r, "application/octet-stream", ch_printf(r->a, "%s.esl", ch_col(&rows, 0, "es_id")), seal);
}

enum ch_err registry_sealpicture(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    return e == CH_OK ? ch_desk_sealpicture_reply(r, &rows) : e;
}

/* A day of the query as "2026-11-21"; `otherwise` if it is missing or malformed. */
static const char *query_day(struct ch_req *r, const char *name, const char *otherwise)
{
    const char *s = ch_query(r, name);

    return s != NULL && ch_parse_day(s) >= 0 ? s : otherwise;
}

static const struct ch_desk_column filing_columns[] = {
    {"备案编号", ch_desk_text, "filing_no"},
    {"备案事项", ch_desk_text, "what"},
    {"时间", ch_desk_text, "at"},
    {"印章编号", ch_desk_text, "es_id"},
    {"印章类型", ch_desk_text, "kind"},
    {"印章所有者", ch_desk_text, "subject"},
    {"业务单号", ch_desk_text, "order_number"},
    {"证书序列号", ch_desk_text, "certificate"},
    {"制章者证书序列号", ch_desk_text, "maker"},
    {"有效期起", ch_desk_text, "valid_from"},
    {"有效期止", ch_desk_text, "valid_to"},
    {"印章图像摘要(SM3)", ch_desk_text, "picture_sm3"},
    {"印章数据摘要(SM3)", ch_desk_text, "seal_sm3"},
    {"经办", ch_desk_text, "actor"},
    {"原因", ch_desk_text, "reason"},
};

enum ch_err registry_seal_filing(struct ch_req *r)
{
    const char *today = ch_beijing(r->a, ch_now_ms() / 1000, "%Y-%m-%d");
    struct ch_json *filings;

    enum ch_err e = ch_run_json(r,
                                CH_CALL(&registry_seal_filings, ch_p_text(query_day(r, "from", "2000-01-01")),
                                        ch_p_text(query_day(r, "to", today))),
                                &filings);
    return e == CH_OK ? ch_desk_csv_reply(r, "seal-filing.csv", filing_columns, CH_COUNT(filing_columns), filings) : e;
}
