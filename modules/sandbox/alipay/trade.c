/* SPDX-License-Identifier: Apache-2.0
 * Trades at Alipay: ordering, querying and closing them. */
#include "modules/sandbox/alipay/alipay.h"

#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/base/random.h"
#include "core/gateway/alipay/answer.h"
#include "core/gateway/amount.h"

#include <string.h>

#define HIGHEST_FEN (100000000LL * 100)

struct order {
    const char *no, *subject, *notify_url, *return_url, *until;
    int64_t fen;
};

/* True for an address that the sandbox may call: https anywhere, http only on loopback. */
static bool address_fits(const char *s)
{
    return s == NULL || (strlen(s) <= 256 && (strncmp(s, "https://", 8) == 0 || strncmp(s, "http://127.", 11) == 0));
}

static bool number_fits(const char *s)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    size_t n = s != NULL ? strlen(s) : 0;
    return n >= 1 && n <= 64 && strspn(s, allowed) == n;
}

static bool subject_fits(const char *s)
{
    size_t points;
    return s != NULL && *s != '\0' && strpbrk(s, "/=&") == NULL && ch_utf8(s, strlen(s), &points) && points <= 256;
}

/* False when a field breaks a rule. */
static bool read_order(struct ch_req *r, const struct alipay_call *c, struct order *o)
{
    const char *amount = ch_json_text(c->biz, "total_amount"), *until = ch_json_text(c->biz, "time_expire");
    int64_t ends = ch_alipay_time(until);

    *o = (struct order){.no = ch_json_text(c->biz, "out_trade_no"),
                        .subject = ch_json_text(c->biz, "subject"),
                        .notify_url = ch_alipay_get(&c->params, "notify_url"),
                        .return_url = ch_alipay_get(&c->params, "return_url"),
                        .until = until != NULL ? ch_rfc3339(r->a, ends) : NULL,
                        .fen = amount != NULL ? ch_amount_read(amount) : -1};
    return number_fits(o->no) && subject_fits(o->subject) && address_fits(o->notify_url) && address_fits(o->return_url) &&
           o->fen >= 1 && o->fen <= HIGHEST_FEN && (until == NULL || ends >= ch_now_ms() / 1000 + 60);
}

/* Records the order under a new code; *said is "ok", or the vendor's code for why it is refused. */
static enum ch_err record_order(struct ch_req *r, const struct order *o, bool wap, const char **code, const char **said)
{
    /* Everything that must be the same when a number is used again. */
    const char *same =
        ch_printf(r->a, "%s\n%lld\n%s", o->subject, (long long)o->fen, o->notify_url != NULL ? o->notify_url : "");

    *code = ch_printf(r->a, "bax%s", ch_random_text(r->a, "0123456789abcdefghijklmnopqrstuvwxyz", 21));
    return ch_run_text(r,
                       CH_CALL(&sandbox_alipay_order, ch_p_text(o->no), ch_p_text(o->subject), ch_p_int(r->a, o->fen),
                               ch_p_text(o->notify_url), ch_p_text(o->return_url), ch_p_text(o->until),
                               ch_p_bytes(ch_sha256_of(r->a, CH_BYTES(same, strlen(same)))), ch_p_text(*code),
                               ch_p_bool(wap)),
                       said);
}

enum ch_err alipay_precreate(struct ch_req *r, const struct alipay_call *c)
{
    const char *code, *said = "ACQ.INVALID_PARAMETER";
    struct order o;
    struct ch_jw w;
    enum ch_err e = read_order(r, c, &o) ? record_order(r, &o, false, &code, &said) : CH_OK;

    if (e != CH_OK)
        return e;
    if (strcmp(said, "ok") != 0)
        return alipay_refuse(r, c, said);
    alipay_begin(r, &w);
    ch_jw_text(&w, "out_trade_no", o.no);
    ch_jw_text(&w, "qr_code", ch_printf(r->a, ALIPAY_CODE_URL "%s", code));
    return alipay_end(r, c, &w);
}

enum ch_err alipay_page_error(struct ch_req *r, const char *sub_code)
{
    return ch_reply_redirect(r, ch_printf(r->a, "/cashier-error?code=%s", ch_percent(r->a, sub_code)));
}

/* Not an answer for a program: the browser is led on to the cashier, or told what is wrong. A phone's page also says where whoever
 * gives up is led; here that is where everybody is led. */
enum ch_err alipay_page_pay(struct ch_req *r, const struct alipay_call *c)
{
    bool wap = strcmp(c->method, "alipay.trade.wap.pay") == 0;
    const char *product = ch_json_text(c->biz, "product_code"), *code = NULL, *said = "ACQ.INVALID_PARAMETER";
    struct order o;
    enum ch_err e = CH_OK;

    if (read_order(r, c, &o) && sandbox_is(product, wap ? "QUICK_WAP_WAY" : "FAST_INSTANT_TRADE_PAY") &&
        (!wap || address_fits(ch_json_text(c->biz, "quit_url"))))
        e = record_order(r, &o, wap, &code, &said);
    if (e != CH_OK)
        return e;
    return strcmp(said, "ok") == 0 ? ch_reply_redirect(r, ch_printf(r->a, "/cashier/%s", code))
                                   : alipay_page_error(r, said);
}

enum ch_err alipay_query(struct ch_req *r, const struct alipay_call *c)
{
    struct ch_rows row;
    struct ch_jw w;

    enum ch_err e = ch_run(r, CH_CALL(&sandbox_alipay_trade_get, ch_p_text(alipay_number(c))), &row);
    if (e != CH_OK)
        return e;
    if (alipay_number(c) == NULL)
        return alipay_refuse(r, c, "ACQ.INVALID_PARAMETER");
    const char *state = row.n == 1 ? ch_col(&row, 0, "state") : "ORDERED";
    if (strcmp(state, "ORDERED") == 0)
        return alipay_refuse(r, c, "ACQ.TRADE_NOT_EXIST");
    int64_t paid = ch_col_int(&row, 0, "paid");
    const char *total = ch_amount_yuan(r->a, ch_col_int(&row, 0, "total")), *received = paid > 0 ? total : "0.00";
    alipay_begin(r, &w);
    ch_jw_text(&w, "trade_no", ch_col(&row, 0, "trade_no"));
    ch_jw_text(&w, "out_trade_no", ch_col(&row, 0, "out_trade_no"));
    ch_jw_text(&w, "trade_status", state);
    ch_jw_text(&w, "total_amount", total);
    ch_jw_text(&w, "receipt_amount", received);
    ch_jw_text(&w, "buyer_pay_amount", received);
    ch_jw_text(&w, "invoice_amount", received);
    ch_jw_text(&w, "point_amount", "0.00");
    ch_jw_text(&w, "buyer_logon_id", "159****5620");
    if (paid > 0) {
        ch_jw_text(&w, "buyer_user_id", ch_col(&row, 0, "buyer_id"));
        ch_jw_text(&w, "send_pay_date", ch_beijing(r->a, paid, ALIPAY_TIME));
    }
    return alipay_end(r, c, &w);
}

enum ch_err alipay_close(struct ch_req *r, const struct alipay_call *c)
{
    const char *number = alipay_number(c), *said;
    struct ch_rows row;
    struct ch_jw w;

    if (number == NULL)
        return alipay_refuse(r, c, "ACQ.INVALID_PARAMETER");
    enum ch_err e = ch_run_text(r, CH_CALL(&sandbox_alipay_close, ch_p_text(number)), &said);
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_alipay_trade_get, ch_p_text(number)), &row);
    if (e != CH_OK)
        return e;
    if (strcmp(said, "ok") != 0)
        return alipay_refuse(r, c, said);
    alipay_begin(r, &w);
    ch_jw_text(&w, "trade_no", ch_col(&row, 0, "trade_no"));
    ch_jw_text(&w, "out_trade_no", ch_col(&row, 0, "out_trade_no"));
    return alipay_end(r, c, &w);
}
