/* SPDX-License-Identifier: Apache-2.0
 * Checking the random code of the payout's remark. It is typed in by the agent, or by the unit's finance person over a link
 * that needs no account and is void once the code was right. */
#include "modules/finauth/finauth.h"

#include "core/form/rule.h"
#include "core/order/payout.h"

#include <string.h>

static const struct ch_field code_fields[] = {
    CH_IN_TEXT(struct finauth_code_in, code, CH_REQUIRED, CH_PAYOUT_CODE_LENGTH, CH_PAYOUT_CODE_LENGTH, ch_rule_digits6),
};
const struct ch_input finauth_code_body = CH_INPUT(struct finauth_code_in, code_fields);

static struct ch_param typed_code_hash(struct ch_req *r, const char *order)
{
    const struct finauth_code_in *in = r->in;
    unsigned char *hash = ch_alloc(r->a, CH_SHA256_BYTES);

    ch_payout_code_hash(ch_ring(), r->a, order, in->code, hash);
    return ch_p_bytes(CH_BYTES(hash, CH_SHA256_BYTES));
}

/* Refuses a wrong code. The database has already counted the attempt. */
static enum ch_err refuse_wrong_code(struct ch_req *r, const struct ch_rows *rows)
{
    const char *word = ch_col_text(rows, 0, "word");
    int64_t left = ch_col_int(rows, 0, "tries_left");

    ch_wrong(r, "/code", word,
             left > 0 ? ch_printf(r->a, "随机码不正确，还可以再试 %lld 次。请核对打款附言。", (long long)left)
                      : "随机码填错次数过多，已经作废，请重新申请打款。");
    return ch_fail(r, CH_E_INVALID, "code %s", word);
}

static bool code_is_right(const struct ch_rows *rows)
{
    return strcmp(ch_col_text(rows, 0, "word"), "right") == 0;
}

enum ch_err finauth_code(struct ch_req *r)
{
    const char *order = ch_var(r, "id");
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r, CH_CALL(&finauth_code_try, ch_p_text(order), typed_code_hash(r, order)), &rows);
    if (e != CH_OK)
        return e;
    return code_is_right(&rows) ? finauth_reply(r, order) : refuse_wrong_code(r, &rows);
}

enum ch_err finauth_code_link(struct ch_req *r)
{
    unsigned char hash[CH_SHA256_BYTES];
    const char *token = ch_session_token(r, hash);
    struct ch_rows rows;

    enum ch_err e = ch_run_row(
        r, CH_CALL(&finauth_code_link_new, ch_p_text(ch_var(r, "id")), ch_p_bytes(CH_BYTES(hash, sizeof hash))), &rows);
    return e == CH_OK ? ch_reply_link(r, "code", token, ch_col(&rows, 0, "expires_at")) : e;
}

enum ch_err finauth_link_code(struct ch_req *r)
{
    struct ch_rows rows;

    enum ch_err e = ch_run_row(r, CH_CALL0(&finauth_link_view), &rows);
    if (e != CH_OK)
        return e;
    const char *order = ch_strdup(r->a, ch_col_text(&rows, 0, "order_id"));
    e = ch_run_row(r, CH_CALL(&finauth_link_try, typed_code_hash(r, order), ch_p_text(order)), &rows);
    if (e != CH_OK)
        return e;
    return code_is_right(&rows) ? ch_reply_out(r, 200, &rows) : refuse_wrong_code(r, &rows);
}
