/* SPDX-License-Identifier: Apache-2.0
 * Payments of the bank. The last four digits of the receiver's account decide how a payment ends (README.md). */
#include "modules/sandbox/cmb/cmb.h"

#include "core/base/codec.h"
#include "core/base/config.h"
#include "core/gateway/amount.h"
#include "core/gateway/cmb/message.h"
#include "modules/sandbox/register.h"

#include <string.h>

#define BUSINESS "N02030"
#define STEP_SECONDS 60

struct payment {
    const char *number, *debit, *account, *name, *bank, *cnaps, *purpose;
    int64_t fen;
};

struct plan {
    const char *ending, *how, *reason;
    bool at_once;
};

static struct plan plan_of(const char *account)
{
    static const struct plan plans[] = {
        {"0001", "F", "户名不符", false},           {"0002", "B", "退票：账户状态异常", false},
        {"0003", "F", "账号不存在", false},         {"0004", "F", "账户已销户", false},
        {"0005", "U", "已挂账，待人工处理", false}, {"0006", "F", "行号错误", true},
    };
    size_t n = strlen(account);

    for (size_t i = 0; i < CH_COUNT(plans); i++)
        if (n >= 4 && strcmp(account + n - 4, plans[i].ending) == 0)
            return plans[i];
    return (struct plan){"", "S", "", false};
}

static const struct ch_json *only_row(const struct cmb_call *c, const char *list)
{
    const struct ch_json *l = ch_json_get(c->body, list);
    return l != NULL && l->kind == CH_JSON_ARRAY && l->count == 1 ? l->first : NULL;
}

static bool text_fits(const char *s, size_t most)
{
    size_t points = 0;
    return s != NULL && *s != '\0' && ch_utf8(s, strlen(s), &points) && points <= most;
}

/* Reads the payment; returns the sentence of the refusal, or NULL. */
static const char *read_payment(const struct cmb_call *c, struct payment *p)
{
    const struct sandbox_register *reg = sandbox_register();
    const struct ch_json *mode = only_row(c, "bb1paybmx1"), *x = only_row(c, "bb1payopx1");
    const char *business = ch_json_text(mode, "busCod"), *bus_mode = ch_json_text(mode, "busMod");
    const char *amount = ch_json_text(x, "trsAmt"), *currency = ch_json_text(x, "ccyNbr");

    *p = (struct payment){ch_json_text(x, "yurRef"), ch_json_text(x, "dbtAcc"),
                          ch_json_text(x, "crtAcc"), ch_json_text(x, "crtNam"),
                          ch_json_text(x, "crtBnk"), ch_json_text(x, "brdNbr"),
                          ch_json_text(x, "nusAge"), amount != NULL ? ch_amount_read(amount) : -1};
    if (business == NULL || strcmp(business, BUSINESS) != 0 || bus_mode == NULL || strcmp(bus_mode, reg->cmb_mode) != 0)
        return "业务模式不存在";
    if (!text_fits(p->number, 30) || !text_fits(p->account, 35) || !text_fits(p->name, 300) || !text_fits(p->purpose, 300))
        return "必输字段缺失或超长";
    if (p->debit == NULL || strcmp(p->debit, reg->cmb_account) != 0)
        return "付方账号无权限";
    if (p->fen < 1 || currency == NULL || strcmp(currency, "10") != 0)
        return "金额或币种有误";
    return text_fits(p->cnaps, 30) || text_fits(p->bank, 90) ? NULL : "收方开户行缺失";
}

static enum ch_err record_payment(struct ch_req *r, const struct payment *p, struct ch_rows *rows)
{
    struct plan plan = plan_of(p->account);
    int64_t factor = ch_conf_int(CONF_SANDBOX_FACTOR);
    const char *step = ch_printf(r->a, "%lld ms", (long long)(STEP_SECONDS * 1000 / (factor > 0 ? factor : 1)));

    return ch_run(r,
                  CH_CALL(&sandbox_cmb_take, ch_p_text(p->number), ch_p_text(p->debit), ch_p_text(p->account),
                          ch_p_text(p->name), ch_p_text(p->bank), ch_p_text(p->cnaps), ch_p_int(r->a, p->fen),
                          ch_p_text(p->purpose), ch_p_text(plan.how), ch_p_text(plan.reason), ch_p_bool(plan.at_once),
                          ch_p_text(step)),
                  rows);
}

static char *taken_body(struct ch_req *r, const struct ch_rows *row)
{
    bool failed = strcmp(ch_col(row, 0, "rtn_flg"), "F") == 0;
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "bb1payopz1");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "errCod", failed ? "FABZ002" : "SUC0000");
    ch_jw_text(&w, "errTxt", failed ? ch_col(row, 0, "reason") : "");
    ch_jw_text(&w, "reqNbr", ch_col(row, 0, "req_nbr"));
    ch_jw_text(&w, "reqSts", ch_col(row, 0, "req_sts"));
    ch_jw_text(&w, "rtnFlg", ch_col(row, 0, "rtn_flg"));
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err cmb_pay(struct ch_req *r, const struct cmb_call *c)
{
    struct payment p;
    struct ch_rows rows;
    bool refuse, silent;
    const char *fault = read_payment(c, &p);
    enum ch_err e = sandbox_switched(r, "cmb.refuse", &refuse);

    if (e != CH_OK)
        return e;
    if (fault != NULL || refuse)
        return cmb_answer(r, c, "FABZ002", fault != NULL ? fault : "业务条件检查失败", "{}");
    e = record_payment(r, &p, &rows);
    if (e == CH_OK)
        e = sandbox_switched(r, "cmb.timeout_after_taking", &silent);
    if (e != CH_OK)
        return e;
    if (silent)
        return sandbox_silence(r);
    if (rows.n == 0)
        return cmb_answer(r, c, "FABZ002", "业务参考号重复", "{}");
    return cmb_answer(r, c, "SUC0000", "", taken_body(r, &rows));
}

static void put_row(struct ch_req *r, struct ch_jw *w, const struct ch_rows *row)
{
    const struct {
        const char *name, *column;
    } texts[] = {
        {"reqNbr", "req_nbr"}, {"yurRef", "yur_ref"}, {"reqSts", "req_sts"}, {"rtnFlg", "rtn_flg"},
        {"rtnNar", "reason"},  {"crtAcc", "account"}, {"crtNam", "name"},    {"crtBnk", "bank"},
        {"nusAge", "purpose"}, {"oprDat", "day"},
    };

    ch_jw_object(w, NULL);
    for (size_t i = 0; i < CH_COUNT(texts); i++) {
        const char *v = ch_col(row, 0, texts[i].column);
        ch_jw_text(w, texts[i].name, v != NULL ? v : "");
    }
    ch_jw_text(w, "trsAmt", ch_amount_yuan(r->a, ch_col_int(row, 0, "fen")));
    ch_jw_end_object(w);
}

enum ch_err cmb_query(struct ch_req *r, const struct cmb_call *c)
{
    const char *number = ch_json_text(only_row(c, "bb1payqrx1"), "yurRef");
    struct ch_rows rows;
    struct ch_jw w;

    if (!text_fits(number, 30))
        return cmb_answer(r, c, "FABZ002", "必输字段缺失或超长", "{}");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_cmb_get, ch_p_text(number)), &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "bb1payqrz1");
    if (rows.n == 1)
        put_row(r, &w, &rows);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return cmb_answer(r, c, "SUC0000", "", ch_jw_done(&w));
}
