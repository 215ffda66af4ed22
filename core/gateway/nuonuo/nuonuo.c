/* SPDX-License-Identifier: Apache-2.0
 * Electronic invoices through Nuonuo. */
#include "core/gateway/nuonuo/nuonuo.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/gateway/formdata.h"
#include "core/gateway/nuonuo/call.h"
#include "core/gateway/nuonuo/sign.h"

#include <stdlib.h>
#include <string.h>

#define DUPLICATE "E9106" /* 订单编号或流水号不能重复 */
#define MAX_LINES 2000

static const char *invoice_line(enum ch_invoice_kind kind)
{
    return kind == CH_INVOICE_SPECIAL ? "bs" : "pc";
}

static const char *notify_url(struct ch_arena *a)
{
    const char *set = ch_conf(CONF_NUONUO_NOTIFY);
    return *set != '\0' ? set : ch_printf(a, "%s/notify/nuonuo", ch_conf(CONF_ORIGIN));
}

/* To whom Nuonuo sends the invoice: -1 nobody, 0 by e-mail, 1 by phone, 2 by both. */
static const char *push_mode(const struct ch_invoice *i)
{
    if (i->email == NULL)
        return i->phone == NULL ? "-1" : "1";
    return i->phone == NULL ? "0" : "2";
}

static enum ch_err check_invoice(struct ch_fault *f, const struct ch_invoice *i, int64_t *rate)
{
    int64_t left = i->total_fen;

    if (i->n < 1 || i->n > MAX_LINES || i->total_fen < 1 || i->total_fen > CH_INVOICE_MAX)
        return ch_fault(f, CH_E_INVALID, "nuonuo: an invoice of %zu lines, or its total", i->n);
    for (size_t k = 0; k < i->n; k++) {
        if (i->lines[k].fen < 1 || i->lines[k].fen > left)
            return ch_fault(f, CH_E_INVALID, "nuonuo: the lines are not the total");
        left -= i->lines[k].fen;
    }
    if (left != 0)
        return ch_fault(f, CH_E_INVALID, "nuonuo: the lines are not the total");
    if (*i->order_no == '\0' || strlen(i->order_no) > 64)
        return ch_fault(f, CH_E_INVALID, "nuonuo: the number is empty or too long");
    if (i->kind == CH_INVOICE_SPECIAL && i->tax_no == NULL)
        return ch_fault(f, CH_E_INVALID, "nuonuo: a special invoice without the buyer's tax number");
    if (!ch_nuonuo_tax_rate(ch_conf(CONF_NUONUO_RATE), rate) || strlen(ch_conf(CONF_NUONUO_GOODS)) != 19)
        return ch_fault(f, CH_E_INVALID, "nuonuo: settings nuonuo_tax_rate or nuonuo_goods_code");
    return CH_OK;
}

static void put_line(struct ch_jw *w, struct ch_arena *a, const struct ch_invoice_line *l, int64_t rate)
{
    int64_t tax = ch_nuonuo_tax_within(l->fen, rate);

    ch_jw_object(w, NULL);
    ch_jw_text(w, "goodsName", l->name);
    ch_jw_text(w, "goodsCode", ch_conf(CONF_NUONUO_GOODS));
    ch_jw_text(w, "withTaxFlag", "1");
    ch_jw_text(w, "num", "1");
    ch_jw_text(w, "price", ch_nuonuo_yuan(a, l->fen));
    ch_jw_text(w, "taxRate", ch_conf(CONF_NUONUO_RATE));
    ch_jw_text(w, "taxIncludedAmount", ch_nuonuo_yuan(a, l->fen));
    ch_jw_text(w, "taxExcludedAmount", ch_nuonuo_yuan(a, l->fen - tax));
    ch_jw_text(w, "tax", ch_nuonuo_yuan(a, tax));
    ch_jw_text(w, "invoiceLineProperty", "0");
    ch_jw_end_object(w);
}

static char *request_body(struct ch_arena *a, const struct ch_invoice *i, int64_t rate)
{
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_object(&w, "order");
    ch_jw_text(&w, "orderNo", i->order_no);
    ch_jw_text(&w, "invoiceDate", ch_beijing(a, ch_now_ms() / 1000, "%Y-%m-%d %H:%M:%S"));
    ch_jw_text(&w, "invoiceType", "1");
    ch_jw_text(&w, "invoiceLine", invoice_line(i->kind));
    ch_jw_text(&w, "buyerName", i->buyer);
    ch_jw_text(&w, "buyerTaxNum", ch_or_empty(i->tax_no));
    if (i->phone != NULL)
        ch_jw_text(&w, "buyerPhone", i->phone);
    if (i->email != NULL)
        ch_jw_text(&w, "email", i->email);
    ch_jw_text(&w, "pushMode", push_mode(i));
    ch_jw_text(&w, "salerTaxNum", ch_conf(CONF_NUONUO_TAX_NO));
    ch_jw_text(&w, "salerTel", ch_conf(CONF_NUONUO_SELLER_TEL));
    ch_jw_text(&w, "salerAddress", ch_conf(CONF_NUONUO_SELLER_ADDRESS));
    ch_jw_text(&w, "clerk", ch_conf(CONF_NUONUO_CLERK));
    if (i->remark != NULL)
        ch_jw_text(&w, "remark", i->remark);
    ch_jw_text(&w, "callBackUrl", notify_url(a));
    ch_jw_array(&w, "invoiceDetail");
    for (size_t k = 0; k < i->n; k++)
        put_line(&w, a, &i->lines[k], rate);
    ch_jw_end_array(&w);
    ch_jw_end_object(&w);
    ch_jw_end_object(&w);
    return ch_jw_done(&w);
}

/* Performs a call that makes an invoice. That Nuonuo has the number already is not a failure: it has the invoice. */
static enum ch_err call_for_serial(struct ch_arena *a, struct ch_fault *f, struct ch_nuonuo_call *c,
                                   struct ch_answer *answer, const char **serial)
{
    enum ch_err e = ch_nuonuo_call(a, f, c, answer);

    *serial = "";
    if (e != CH_OK)
        return e;
    if (answer->outcome == CH_REFUSED && strcmp(answer->code, DUPLICATE) == 0)
        answer->outcome = CH_ACCEPTED;
    else if (answer->outcome == CH_ACCEPTED) {
        *serial = ch_nuonuo_text(c->result, "invoiceSerialNum");
        if (**serial == '\0')
            *answer = CH_BAD_ANSWER("no invoiceSerialNum in the answer");
    }
    return CH_OK;
}

enum ch_err ch_nuonuo_request(struct ch_arena *a, struct ch_fault *f, const struct ch_invoice *invoice,
                              struct ch_answer *answer, const char **serial)
{
    struct ch_nuonuo_call c = {.method = "nuonuo.OpeMplatform.requestBillingNew", .once = true};
    int64_t rate;
    enum ch_err e = check_invoice(f, invoice, &rate);

    if (e != CH_OK)
        return e;
    c.body = request_body(a, invoice, rate);
    return call_for_serial(a, f, &c, answer, serial);
}

static void put_nonempty(struct ch_jw *w, const char *key, const char *value)
{
    if (value != NULL && *value != '\0')
        ch_jw_text(w, key, value);
}

enum ch_err ch_nuonuo_red(struct ch_arena *a, struct ch_fault *f, const struct ch_invoice_reversal *reversal,
                          struct ch_answer *answer, const char **serial)
{
    struct ch_nuonuo_call c = {.method = "nuonuo.OpeMplatform.fastInvoiceRed", .once = true};
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_text(&w, "orderNo", reversal->order_no);
    ch_jw_text(&w, "taxNum", ch_conf(CONF_NUONUO_TAX_NO));
    ch_jw_text(&w, "elecInvoiceNumber", reversal->number);
    ch_jw_text(&w, "invoiceId", reversal->serial);
    ch_jw_text(&w, "invoiceLine", invoice_line(reversal->kind));
    put_nonempty(&w, "billNo", reversal->confirmation);
    ch_jw_text(&w, "callBackUrl", notify_url(a));
    ch_jw_end_object(&w);
    c.body = ch_jw_done(&w);
    return call_for_serial(a, f, &c, answer, serial);
}

enum ch_err ch_nuonuo_again(struct ch_arena *a, struct ch_fault *f, const char *order_no, const char *serial,
                            struct ch_answer *answer)
{
    struct ch_nuonuo_call c = {.method = "nuonuo.OpeMplatform.reInvoice", .once = true};
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    put_nonempty(&w, "fpqqlsh", serial);
    ch_jw_text(&w, "orderno", order_no);
    ch_jw_end_object(&w);
    c.body = ch_jw_done(&w);
    return ch_nuonuo_call(a, f, &c, answer);
}

static enum ch_invoice_state invoice_state(const char *status)
{
    static const struct {
        const char *status;
        enum ch_invoice_state state;
    } states[] = {
        {"2", CH_INVOICE_DONE}, {"22", CH_INVOICE_FAILED}, {"24", CH_INVOICE_FAILED},
        {"3", CH_INVOICE_VOID}, {"31", CH_INVOICE_VOID},
    };

    for (size_t i = 0; i < CH_COUNT(states); i++)
        if (strcmp(states[i].status, status) == 0)
            return states[i].state;
    return CH_INVOICE_WORKING;
}

static int64_t amount_of(const struct ch_json *row, const char *key)
{
    int64_t fen;
    return ch_nuonuo_read_yuan(ch_nuonuo_text(row, key), &fen) ? fen : INT64_MIN;
}

static const char *first_nonempty(const char *x, const char *y)
{
    return *x != '\0' ? x : y;
}

void ch_nuonuo_read_status(const struct ch_json *row, struct ch_invoice_status *out)
{
    const char *status = ch_nuonuo_text(row, "status"), *all = ch_nuonuo_text(row, "allElectronicInvoiceNumber");

    *out = (struct ch_invoice_status){
        .state = invoice_state(status),
        .status = status,
        .order_no = ch_nuonuo_text(row, "orderNo"),
        .serial = ch_nuonuo_text(row, "serialNo"),
        .number = first_nonempty(all, ch_nuonuo_text(row, "invoiceNo")),
        .pdf = ch_nuonuo_text(row, "pdfUrl"),
        .ofd = ch_nuonuo_text(row, "ofdUrl"),
        .xml = ch_nuonuo_text(row, "xmlUrl"),
        .cause = first_nonempty(ch_nuonuo_text(row, "failCause"), ch_nuonuo_text(row, "statusMsg")),
        .total_fen = amount_of(row, "orderAmount"),
        .net_fen = amount_of(row, "exTaxAmount"),
        .tax_fen = amount_of(row, "taxAmount"),
        .issued = strtoll(ch_nuonuo_text(row, "invoiceTime"), NULL, 10) / 1000,
    };
    if (out->state != CH_INVOICE_FAILED)
        out->cause = ""; /* statusMsg is also set on success */
    if (out->state == CH_INVOICE_DONE && *out->number == '\0')
        out->state = CH_INVOICE_WORKING; /* without its number the invoice is of no use yet */
}

enum ch_err ch_nuonuo_query(struct ch_arena *a, struct ch_fault *f, const char *order_no, struct ch_answer *answer,
                            struct ch_invoice_status *status)
{
    struct ch_nuonuo_call c = {.method = "nuonuo.OpeMplatform.queryInvoiceResult"};
    struct ch_jw w;

    ch_nuonuo_read_status(NULL, status);
    ch_jw_init(&w, a);
    ch_jw_object(&w, NULL);
    ch_jw_array(&w, "orderNos");
    ch_jw_text(&w, NULL, order_no);
    ch_jw_end_array(&w);
    ch_jw_text(&w, "isOfferInvoiceDetail", "0");
    ch_jw_end_object(&w);
    c.body = ch_jw_done(&w);
    enum ch_err e = ch_nuonuo_call(a, f, &c, answer);
    if (e != CH_OK || answer->outcome != CH_ACCEPTED)
        return e;
    const struct ch_json *row = c.result;
    if (row != NULL && row->kind == CH_JSON_ARRAY)
        row = row->first;
    ch_nuonuo_read_status(row, status);
    if (row == NULL || (*status->order_no != '\0' && strcmp(status->order_no, order_no) != 0))
        *answer = CH_BAD_ANSWER("the answer is not about our number");
    return CH_OK;
}

enum ch_err ch_nuonuo_callback(struct ch_arena *a, struct ch_fault *f, struct ch_bytes form, struct ch_invoice_hint *hint)
{
    const char *what = ch_formdata_field(a, form, "operater"), *no = ch_formdata_field(a, form, "orderno");
    const char *content = ch_formdata_field(a, form, "content");
    struct ch_json *root = NULL;

    if (what == NULL || strcmp(what, "callback") != 0 || no == NULL || *no == '\0' || strlen(no) > 64)
        return ch_fault(f, CH_E_MALFORMED, "nuonuo: not a callback");
    if (content == NULL || ch_json_parse(a, CH_BYTES(content, strlen(content)), &root, NULL) != CH_JSON_OK ||
        root->kind != CH_JSON_OBJECT)
        return ch_fault(f, CH_E_MALFORMED, "nuonuo: a callback without content");
    *hint = (struct ch_invoice_hint){no, ch_nuonuo_text(root, "c_fpqqlsh")};
    return CH_OK;
}
