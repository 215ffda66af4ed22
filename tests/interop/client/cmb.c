/* SPDX-License-Identifier: Apache-2.0
 * The operations of China Merchants Bank's client. */
#include "tests/interop/client/client.h"

#include "core/gateway/cmb/cmb.h"

static void put_payment(struct ch_jw *out, const struct ch_answer *answer, const struct ch_cmb_payment *p)
{
    static const char *const states[] = {
        [CH_CMB_WAITING] = "waiting", [CH_CMB_DONE] = "done", [CH_CMB_FAILED] = "failed", [CH_CMB_RETURNED] = "returned", [CH_CMB_UNSEEN] = "unseen"};

    client_answer(out, answer);
    if (answer->outcome != CH_ACCEPTED)
        return;
    ch_jw_text(out, "state", states[p->state]);
    ch_jw_text(out, "bank_ref", p->bank_ref);
    ch_jw_text(out, "status", p->status);
    ch_jw_text(out, "reason", p->reason);
    ch_jw_int(out, "amount_fen", p->amount_fen);
}

bool client_cmb_query(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_cmb_payment p;

    if (ch_cmb_query(a, f, client_text(in, "your_ref", ""), &answer, &p) != CH_OK)
        return false;
    put_payment(out, &answer, &p);
    return true;
}

bool client_cmb_pay(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    const struct ch_cmb_payout payout = {
        .your_ref = client_text(in, "your_ref", ""),
        .account = client_text(in, "account", "755900001238888"),
        .name = client_text(in, "name", "示范科技有限公司"),
        .cnaps = client_text(in, "cnaps", "308584000013"),
        .bank = client_text(in, "bank", "招商银行深圳分行"),
        .amount_fen = client_int(in, "amount_fen", 1),
        .purpose = client_text(in, "purpose", "账户验证码A1B2C3"),
    };
    struct ch_answer answer;
    struct ch_cmb_payment p;

    if (ch_cmb_pay(a, f, &payout, &answer, &p) != CH_OK)
        return false;
    put_payment(out, &answer, &p);
    return true;
}

bool client_cmb_entries(struct ch_arena *a, struct ch_fault *f, const struct ch_json *in, struct ch_jw *out)
{
    struct ch_answer answer;
    struct ch_cmb_entries e;

    if (ch_cmb_entries(a, f, client_text(in, "first", ""), client_text(in, "last", ""), client_text(in, "cursor", NULL),
                       &answer, &e) != CH_OK)
        return false;
    client_answer(out, &answer);
    if (answer.outcome != CH_ACCEPTED)
        return true;
    ch_jw_bool(out, "more", e.more);
    ch_jw_text(out, "cursor", e.cursor);
    ch_jw_array(out, "entries");
    for (size_t i = 0; i < e.n; i++) {
        ch_jw_object(out, NULL);
        ch_jw_text(out, "number", e.rows[i].number);
        ch_jw_text(out, "day", e.rows[i].day);
        ch_jw_int(out, "at", e.rows[i].at);
        ch_jw_int(out, "amount_fen", e.rows[i].amount_fen);
        ch_jw_text(out, "name", e.rows[i].name);
        ch_jw_text(out, "account", e.rows[i].account);
        ch_jw_text(out, "remark", e.rows[i].remark);
        ch_jw_end_object(out);
    }
    ch_jw_end_array(out);
    return true;
}
