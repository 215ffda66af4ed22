/* SPDX-License-Identifier: Apache-2.0
 * Electronic seals for staff: finding them, their picture and file, and the record of all seals made and withdrawn (备案). */
#include "modules/registry/registry.h"

#include "core/base/clock.h"
#include "core/form/rule.h"
#include "core/order/seal.h"

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

static const struct ch_field withdraw_fields[] = {
    CH_IN_TEXT(struct registry_seal_withdraw_in, reason, CH_REQUIRED, 2, 200, ch_rule_name),
    CH_IN_DECISION(struct registry_seal_withdraw_in),
};
const struct ch_input registry_seal_withdraw_asked = CH_INPUT_BUT_LAST(struct registry_seal_withdraw_in, withdraw_fields);
const struct ch_input registry_seal_withdraw_body = CH_INPUT(struct registry_seal_withdraw_in, withdraw_fields);

static enum ch_err read_withdraw(struct ch_req *r, struct ch_act *act)
{
    const struct registry_seal_withdraw_in *in = r->in;

    *act = ch_act_new(r->a, "注销电子印章", ch_act_reviewers, &(struct ch_act_fact){"注销原因", in->reason}, 1);
    return ch_run(r, CH_CALL(&registry_seal_facts, ch_p_text(ch_var(r, "id"))), &act->facts);
}

static enum ch_err withdraw_seal(struct ch_req *r, const struct ch_act *act)
{
    const struct registry_seal_withdraw_in *in = r->in;
    const char *out;

    enum ch_err e = ch_run_text(
        r, CH_CALL(&registry_seal_withdraw_row, ch_p_text(ch_var(r, "id")), ch_p_text(in->reason), act->signed_act), &out);
    return e == CH_OK ? ch_reply_json(r, 200, out) : e;
}

static const struct ch_act_kind withdrawal = CH_ACT_KIND(struct registry_seal_withdraw_in, read_withdraw, withdraw_seal);

enum ch_err registry_seal_statement(struct ch_req *r)
{
    return ch_act_offer(r, &withdrawal);
}

enum ch_err registry_seal_withdraw(struct ch_req *r)
{
    return ch_act_take(r, &withdrawal);
}

static enum ch_err read_seal_files(struct ch_req *r, struct ch_rows *rows)
{
    return ch_run_row(r, CH_CALL(&registry_seal_files, ch_p_text(ch_var(r, "id"))), rows);
}

enum ch_err registry_seal_file(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    return e == CH_OK ? ch_seal_file_reply(r, &rows) : e;
}

enum ch_err registry_sealpicture(struct ch_req *r)
{
    struct ch_rows rows;
    enum ch_err e = read_seal_files(r, &rows);

    return e == CH_OK ? ch_seal_picture_reply(r, &rows, "png") : e;
}

/* A day of the query as "2026-11-21"; `otherwise` if it is missing or malformed. */
static const char *query_day(struct ch_req *r, const char *name, const char *otherwise)
{
    const char *s = ch_query(r, name);

    return s != NULL && ch_parse_day(s) >= 0 ? s : otherwise;
}

static const struct ch_desk_column filing_columns[] = {
    {"备案编号", ch_desk_put_text, "filing_no"},
    {"备案事项", ch_desk_put_text, "what"},
    {"时间", ch_desk_put_text, "at"},
    {"印章编号", ch_desk_put_text, "es_id"},
    {"印章类型", ch_desk_put_text, "kind"},
    {"印章所有者", ch_desk_put_text, "subject"},
    {"业务单号", ch_desk_put_text, "order_number"},
    {"证书序列号", ch_desk_put_text, "certificate"},
    {"制章者证书序列号", ch_desk_put_text, "maker"},
    {"有效期起", ch_desk_put_text, "valid_from"},
    {"有效期止", ch_desk_put_text, "valid_to"},
    {"印章图像摘要（SM3）", ch_desk_put_text, "picture_sm3"},
    {"印章数据摘要（SM3）", ch_desk_put_text, "seal_sm3"},
    {"经办", ch_desk_put_text, "actor"},
    {"原因", ch_desk_put_text, "reason"},
};

static enum ch_err read_filings(struct ch_req *r, struct ch_param after, struct ch_param page_size, const char **out)
{
    const char *today = ch_beijing(r->a, ch_now_ms() / 1000, "%Y-%m-%d");

    return ch_run_text(r,
                       CH_CALL(&registry_seal_filings, ch_p_text(query_day(r, "from", "2000-01-01")),
                               ch_p_text(query_day(r, "to", today)), after, page_size),
                       out);
}

enum ch_err registry_seal_filing(struct ch_req *r)
{
    return ch_desk_csv_reply_all(r, "seal-filing.csv", filing_columns, CH_COUNT(filing_columns), read_filings);
}
