/* SPDX-License-Identifier: Apache-2.0
 * What has come in on the customer's account (trsQryByBreakPoint), and the payers who send it: any account under any name. */
#include "modules/sandbox/cmb/cmb.h"

#include "core/base/codec.h"
#include "core/gateway/amount.h"
#include "core/gateway/outcome.h"
#include "modules/sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "TRANSQUERYBYBREAKPOINT_"
#define PAGE 200     /* entries in an answer, at most */
#define SHORT_PAGE 2 /* with the switch cmb.short_pages */
#define FEN_MOST 10000000000

struct query {
    const char *first, *last; /* days */
    const char *day;          /* continue there, */
    int sequence;             /* at this entry of the day */
};

static bool is_day(const char *s)
{
    return s != NULL && strlen(s) == 8 && strspn(s, "0123456789") == 8;
}

/* Reads the point at which the query continues: that of an answer before, or the beginning. */
static bool read_point(const struct cmb_call *c, struct query *q)
{
    const struct ch_json *points = ch_json_get(c->body, PREFIX "Y1");
    const struct ch_json *point = points != NULL && points->kind == CH_JSON_ARRAY ? points->first : NULL;
    const char *day = ch_json_text(point, "transDate"), *sequence = ch_json_text(point, "expectNextSequence");

    q->day = q->first;
    q->sequence = 1;
    if (points == NULL)
        return true;
    if (!sandbox_is(ch_json_text(point, "acctNbr"), sandbox_register()->cmb_account) || !is_day(day) || sequence == NULL)
        return false;
    q->day = day;
    q->sequence =
        atoi(sequence); /* NOLINT(bugprone-unchecked-string-to-number-conversion): anything else is 0, which is refused */
    return q->sequence > 0;
}

/* Reads the query; returns the sentence of the refusal, or NULL. */
static const char *read_query(const struct cmb_call *c, struct query *q)
{
    const struct ch_json *list = ch_json_get(c->body, PREFIX "X1");
    const struct ch_json *x = list != NULL && list->kind == CH_JSON_ARRAY && list->count == 1 ? list->first : NULL;
    const char *loan = ch_json_text(x, "loanCode"), *account = ch_json_text(x, "queryAcctNbr");

    *q = (struct query){.first = ch_json_text(x, "beginDate"), .last = ch_json_text(x, "endDate")};
    if (!sandbox_is(ch_json_text(x, "cardNbr"), sandbox_register()->cmb_account))
        return "账号无查询权限";
    if (!is_day(q->first) || !is_day(q->last) || strcmp(q->first, q->last) > 0)
        return "查询日期有误";
    if (loan != NULL && strcmp(loan, "C") != 0)
        return "借贷码有误"; /* the sandbox has nothing else */
    if (account != NULL && *account != '\0' && strcmp(account, sandbox_register()->cmb_account) != 0)
        return "继续查询账号有误";
    return read_point(c, q) ? NULL : "续传键值有误";
}

static void put_entry(struct ch_req *r, struct ch_jw *w, const struct ch_rows *rows, int i)
{
    const struct {
        const char *name, *column;
    } texts[] = {
        {"transDate", "day"},      {"transTime", "time"},   {"transSequenceIdn", "number"}, {"valueDate", "day"},
        {"ctpAcctNbr", "account"}, {"ctpAcctName", "name"}, {"ctpBankName", "bank"},        {"remarkTextClt", "remark"},
    };

    ch_jw_object(w, NULL);
    for (size_t k = 0; k < CH_COUNT(texts); k++) /* the bank's texts may end in blanks */
        ch_jw_text(w, texts[k].name, ch_printf(r->a, "%s%s", ch_col(rows, i, texts[k].column), k % 2 == 1 ? "  " : ""));
    ch_jw_text(w, "transAmount", ch_amount_yuan(r->a, ch_col_int(rows, i, "fen")));
    ch_jw_text(w, "currencyNbr", "10");
    ch_jw_text(w, "loanCode", "C");
    ch_jw_text(w, "infoFlag", "1");
    ch_jw_text(w, "reversalFlag", "N");
    ch_jw_text(w, "textCode", "CPAA");
    ch_jw_text(w, "yurRef", " ");
    ch_jw_end_object(w);
}

static void put_point(struct ch_req *r, struct ch_jw *w, const struct query *q)
{
    ch_jw_array(w, PREFIX "Y1");
    ch_jw_object(w, NULL);
    ch_jw_text(w, "acctNbr", sandbox_register()->cmb_account);
    ch_jw_text(w, "transDate", q->day);
    ch_jw_text(w, "expectNextSequence", ch_printf(r->a, "%d", q->sequence));
    ch_jw_end_object(w);
    ch_jw_end_array(w);
}

/* One row more than `most` was read when there is another page. */
static char *entries_text(struct ch_req *r, const struct query *asked, const struct ch_rows *rows, int most)
{
    bool more = rows->n > most;
    int n = more ? most : rows->n;
    struct query next = *asked;
    int64_t fen = 0;
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, PREFIX "Z2");
    for (int i = 0; i < n; i++) {
        put_entry(r, &w, rows, i);
        fen += ch_col_int(rows, i, "fen");
        next.day = ch_col(rows, i, "day");
        next.sequence = (int)ch_col_int(rows, i, "sequence") + 1;
    }
    ch_jw_end_array(&w);
    put_point(r, &w, &next);
    ch_jw_array(&w, PREFIX "Z1");
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "ctnFlag", more ? "Y" : "N");
    ch_jw_text(&w, "queryAcctNbr", more ? sandbox_register()->cmb_account : "");
    ch_jw_text(&w, "creditNums", ch_printf(r->a, "%d", n));
    ch_jw_text(&w, "creditAmount", ch_amount_yuan(r->a, fen));
    ch_jw_text(&w, "debitNums", "0");
    ch_jw_text(&w, "debitAmount", "0");
    ch_jw_end_object(&w);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

enum ch_err cmb_entries(struct ch_req *r, const struct cmb_call *c)
{
    struct query q;
    struct ch_rows rows;
    bool silent = false, again = false, short_pages = false;
    const char *fault = read_query(c, &q);

    if (fault != NULL)
        return cmb_answer(r, c, "FABZ002", fault, "{}");
    enum ch_err e = sandbox_switched(r, "cmb.entries_timeout", &silent);
    if (e == CH_OK && silent)
        return sandbox_silence(r);
    if (e == CH_OK)
        e = sandbox_switched(r, "cmb.entries_again", &again);
    if (e == CH_OK)
        e = sandbox_switched(r, "cmb.short_pages", &short_pages);
    if (again) { /* everything once more, as if nothing had been read before */
        q.day = q.first;
        q.sequence = 1;
    }
    int most = short_pages ? SHORT_PAGE : PAGE;
    if (e == CH_OK)
        e = ch_run(r,
                   CH_CALL(&sandbox_cmb_entries, ch_p_text(q.first), ch_p_text(q.last), ch_p_text(q.day),
                           ch_p_int(r->a, q.sequence), ch_p_int(r->a, most + 1)),
                   &rows);
    return e == CH_OK ? cmb_answer(r, c, "SUC0000", "", entries_text(r, &q, &rows, most)) : e;
}

static const struct ch_field transfer_fields[] = {
    CH_IN_TEXT(struct sandbox_transfer_in, name, CH_REQUIRED, 1, 100, NULL),
    CH_IN_TEXT(struct sandbox_transfer_in, account, CH_REQUIRED, 1, 35, NULL),
    CH_IN_TEXT(struct sandbox_transfer_in, amount, CH_REQUIRED, 1, 16, NULL),
    CH_IN_TEXT(struct sandbox_transfer_in, remark, CH_OPTIONAL, 0, 200, NULL),
};
const struct ch_input sandbox_transfer_body = CH_INPUT(struct sandbox_transfer_in, transfer_fields);

enum ch_err sandbox_transfer(struct ch_req *r)
{
    const struct sandbox_transfer_in *in = r->in;
    int64_t fen = ch_amount_read(in->amount);
    struct ch_rows rows;
    struct ch_jw w;

    if (fen < 1 || fen > FEN_MOST)
        return ch_fail_say(r, CH_E_INVALID, "请填写转账金额，例如 0.01。");
    enum ch_err e =
        ch_run_row(r,
                   CH_CALL(&sandbox_cmb_come_in, ch_p_int(r->a, fen), ch_p_text(in->name), ch_p_text(in->account),
                           ch_p_text("示范银行股份有限公司"), ch_p_text(ch_or_empty(in->remark))),
                   &rows);
    if (e != CH_OK)
        return e;
    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "number", ch_col(&rows, 0, "number"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}
