/* SPDX-License-Identifier: Apache-2.0
 * Opening a payment, in two steps: first its number is committed, then the vendor is asked for the content of the QR code, or
 * the address of the vendor's page is made. If the applicant asks again, the open payment is handed out with its number. */
#include "modules/pay/pay.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/random.h"

#include <string.h>

const char *pay_rule_channel(const char *s)
{
    return ch_payway_of(s) != NULL ? NULL : "暂不支持这种支付方式。";
}

static const struct ch_field open_fields[] = {
    CH_IN_TEXT(struct pay_open_in, channel, CH_REQUIRED, 1, 16, pay_rule_channel),
    CH_IN_BOOL(struct pay_open_in, page, CH_OPTIONAL),
    CH_IN_BOOL(struct pay_open_in, phone, CH_OPTIONAL),
};
const struct ch_input pay_open_body = CH_INPUT(struct pay_open_in, open_fields);

static enum ch_err answer_payment(struct ch_req *r, const struct ch_rows *rows, const char *code_url)
{
    const struct pay_open_in *in = r->in;
    struct ch_jw w;

    ch_jw_init(&w, r->a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "channel", ch_col(rows, 0, "channel"));
    ch_jw_bool(&w, "page", in->page);
    ch_jw_bool(&w, "phone", in->phone);
    ch_jw_text(&w, "code_url", code_url);
    ch_jw_int(&w, "total", ch_col_int(rows, 0, "total"));
    ch_jw_text(&w, "expires_at", ch_col(rows, 0, "expires_at"));
    ch_jw_end_object(&w);
    return ch_reply_json(r, 200, ch_jw_done(&w));
}

const char *pay_page_of(struct ch_req *r)
{
    return ch_printf(r->a, "%s/%s/orders/%s/payment", ch_conf(CONF_ORIGIN), r->slug, ch_var(r, "id"));
}

struct ch_pay_order pay_order_of(struct ch_req *r, const struct ch_rows *row)
{
    return (struct ch_pay_order){
        .number = ch_col(row, 0, "out_trade_no"),
        .description = ch_col(row, 0, "description"),
        .total_fen = ch_col_int(row, 0, "total"),
        .expires = ch_parse_rfc3339(ch_col_text(row, 0, "expires_at")),
        .return_url = pay_page_of(r),
        .payer_ip = ch_fcgi(r, "REMOTE_ADDR"),
    };
}

enum ch_err pay_said(struct ch_req *r, enum ch_vendor v, enum ch_err e, const struct ch_answer *said)
{
    if (e != CH_OK || said->outcome == CH_ACCEPTED)
        return e;
    e = ch_fail_say(r, CH_E_VENDOR, ch_printf(r->a, "%s暂时没有响应，请稍后重试。业务单已保存。", ch_vendor_row(v)->name));
    (void)ch_fail(r, CH_E_VENDOR, "%s", said->code);
    return e;
}

static enum ch_err ask_vendor(struct ch_req *r, const struct ch_pay_way *way, const struct ch_rows *rows,
                              const char **code_url)
{
    const struct pay_open_in *in = r->in;
    const struct ch_pay_order order = pay_order_of(r, rows);
    struct ch_answer said = {0};

    if (in->page)
        return way->page(r->a, &r->fault, &order, code_url);
    enum ch_err e = (in->phone ? way->phone : way->open)(r->a, &r->fault, &order, &said, code_url);
    return pay_said(r, way->vendor, e, &said);
}

/* Notes what is wrong when the way of paying has no such page. */
static bool may_be_opened_so(struct ch_req *r)
{
    const struct pay_open_in *in = r->in;
    const struct ch_pay_way *way = ch_payway_of(in->channel);

    if (in->page && (way->page == NULL || in->phone))
        ch_wrong(r, "/page", "rule", "这种支付方式请扫码支付。");
    else if (in->phone && way->phone == NULL)
        ch_wrong(r, "/phone", "rule", "这种支付方式请扫码支付。");
    else
        return true;
    return false;
}

enum ch_err pay_number(struct ch_req *r, const struct pay_open_in *in, bool in_app, struct ch_rows *row)
{
    const char *number = ch_printf(r->a, "CH%s", ch_random_text(r->a, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 22));
    enum ch_err e =
        ch_run(r,
               CH_CALL(&pay_open_row, ch_p_text(ch_uuid7(r->a)), ch_p_text(ch_var(r, "id")), ch_p_text(in->channel),
                       ch_p_text(number), ch_p_bool(in->page), ch_p_bool(in->phone), ch_p_bool(in_app)),
               row);
    return e == CH_OK && row->n != 1 ? ch_fail(r, CH_E_INTERNAL, "no open payment") : e;
}

enum ch_err pay_open(struct ch_req *r)
{
    const struct pay_open_in *in = r->in;
    const char *code_url;
    struct ch_rows rows;

    if (!may_be_opened_so(r))
        return CH_E_INVALID;
    enum ch_err e = pay_number(r, in, false, &rows);
    if (e != CH_OK)
        return e;
    code_url = ch_col(&rows, 0, "code_url");
    if (code_url != NULL)
        return answer_payment(r, &rows, code_url);
    e = ask_vendor(r, ch_payway_of(in->channel), &rows, &code_url);
    if (e == CH_OK && !in->phone) /* the page of a phone is good for minutes only, and is asked for anew */
        e = ch_run(r, CH_CALL(&pay_code_row, ch_p_text(ch_col(&rows, 0, "id")), ch_p_text(code_url)), NULL);
    return e == CH_OK ? answer_payment(r, &rows, code_url) : e;
}
