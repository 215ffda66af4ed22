/* SPDX-License-Identifier: Apache-2.0
 * Nuonuo's methods: request, query, repeat, red letter. */
#include "modules/sandbox/nuonuo/nuonuo.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/nuonuo/sign.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"
#include "sandbox_nuonuo_sql.h"

#include <string.h>

#define STEP_SECONDS 60 /* issuing, then signing */
#define NOT_LOGGED_IN "开票员未登录电子税务局，请登录后重试"

struct invoice {
    const char *order_no, *kind, *buyer, *tax_no, *goods, *callback;
    const char *red_of; /* serial, or NULL */
    int64_t total, tax;
};

static enum ch_err failure_reason(struct ch_req *r, const char **fails)
{
    bool fail;
    enum ch_err e = sandbox_switched(r, "nuonuo.fail", &fail);

    *fails = fail ? NOT_LOGGED_IN : NULL;
    return e;
}

static enum ch_err record_invoice(struct ch_req *r, const struct invoice *i, const char *base)
{
    const char *now = ch_beijing(r->a, ch_now_ms() / 1000, "%y%m%d%H%M%S"), *fails, *taken;
    const char *serial = ch_printf(r->a, "%s%s", now, ch_random_text(r->a, "0123456789", 8));
    /* Two digits of the year, two of the region (44: Guangdong), where it was asked for, and a running part. */
    const char *number = ch_printf(r->a, "%.2s442%s", now, ch_random_text(r->a, "0123456789", 15));
    const char *file = ch_random_text(r->a, "0123456789abcdefghijklmnopqrstuvwxyz", 24);
    bool silent;
    enum ch_err e = failure_reason(r, &fails);

    if (e == CH_OK)
        e = ch_run_text(r,
                        CH_CALL(&sandbox_nuonuo_take, ch_p_text(serial), ch_p_text(i->order_no), ch_p_text(i->kind),
                                ch_p_text(i->buyer), ch_p_text(i->tax_no), ch_p_text(i->goods),
                                ch_p_int(r->a, i->total), ch_p_int(r->a, i->tax), ch_p_text(number), ch_p_text(file),
                                ch_p_text(i->red_of), ch_p_text(i->callback), ch_p_text(fails),
                                ch_p_text(sandbox_scaled(r->a, STEP_SECONDS)), ch_p_text(base)),
                        &taken);
    if (e == CH_OK)
        e = sandbox_switched(r, "nuonuo.timeout_after_taking", &silent);
    if (e != CH_OK)
        return e;
    if (silent)
        return sandbox_silence(r);
    if (taken[0] != 't')
        return i->red_of == NULL ? nuonuo_answer(r, "E9106", "订单编号或流水号不能重复", NULL)
                                 : nuonuo_answer(r, "E9106", "订单编号不能重复，或该发票已冲红", NULL);
    return nuonuo_answer(r, "E0000", "开票提交成功", ch_printf(r->a, "{\"invoiceSerialNum\":\"%s\"}", serial));
}

enum ch_err nuonuo_request(struct ch_req *r, const struct ch_json *in, const char *base)
{
    const struct ch_json *order = ch_json_get(in, "order"), *lines = ch_json_get(order, "invoiceDetail");
    struct invoice i = {0};
    const char *fault = nuonuo_order_fault(r->a, order, &i.total, &i.tax);

    if (fault != NULL)
        return nuonuo_answer(r, "E9101", fault, NULL);
    i.order_no = sandbox_text(order, "orderNo");
    i.kind = sandbox_text(order, "invoiceLine");
    i.buyer = sandbox_text(order, "buyerName");
    i.tax_no = sandbox_text(order, "buyerTaxNum");
    i.goods = sandbox_text(lines->first, "goodsName");
    i.callback = sandbox_text(order, "callBackUrl");
    return record_invoice(r, &i, base);
}

enum ch_err nuonuo_red(struct ch_req *r, const struct ch_json *in, const char *base)
{
    const char *number = sandbox_text(in, "elecInvoiceNumber"), *serial = sandbox_text(in, "invoiceId");
    const char *no = sandbox_text(in, "orderNo");
    struct ch_rows blue;

    if (*no == '\0' || strlen(no) > 64 || strcmp(sandbox_text(in, "taxNum"), sandbox_register()->nuonuo_tax_no) != 0)
        return nuonuo_answer(r, "E9101", "订单号为空，或销方税号与授权税号不一致", NULL);
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_nuonuo_get, ch_p_text(number)), &blue);
    if (e != CH_OK)
        return e;
    if (blue.n != 1 || strcmp(ch_col(&blue, 0, "number"), number) != 0 || strcmp(ch_col(&blue, 0, "status"), "2") != 0 ||
        (*serial != '\0' && strcmp(ch_col(&blue, 0, "serial"), serial) != 0))
        return nuonuo_answer(r, "E9500", "未查询到对应的蓝字发票", NULL);
    if (ch_col_int(&blue, 0, "total") < 0)
        return nuonuo_answer(r, "E9101", "红字发票不能冲红", NULL);
    const struct invoice i = {
        .order_no = no,
        .kind = ch_col(&blue, 0, "kind"),
        .buyer = ch_col(&blue, 0, "buyer"),
        .tax_no = ch_col(&blue, 0, "tax_no"),
        .goods = ch_col(&blue, 0, "goods"),
        .callback = sandbox_text(in, "callBackUrl"),
        .red_of = ch_col(&blue, 0, "serial"),
        .total = -ch_col_int(&blue, 0, "total"),
        .tax = -ch_col_int(&blue, 0, "tax"),
    };
    return record_invoice(r, &i, base);
}

static const char *status_sentence(const char *status)
{
    static const struct {
        const char *status, *word;
    } words[] = {{"2", "开票完成（最终状态）"}, {"20", "开票中"}, {"21", "开票成功签章中"}, {"22", "开票失败"}};

    for (size_t i = 0; i < CH_COUNT(words); i++)
        if (strcmp(words[i].status, status) == 0)
            return words[i].word;
    return "";
}

static void put_invoice(struct ch_jw *w, struct ch_arena *a, const struct ch_rows *rows, int i, const char *base)
{
    const char *status = ch_col(rows, i, "status"), *file = ch_col(rows, i, "file");
    int64_t total = ch_col_int(rows, i, "total"), tax = ch_col_int(rows, i, "tax");

    ch_jw_object(w, NULL);
    ch_jw_text(w, "serialNo", ch_col(rows, i, "serial"));
    ch_jw_text(w, "orderNo", ch_col(rows, i, "order_no"));
    ch_jw_text(w, "status", status);
    ch_jw_text(w, "statusMsg", status_sentence(status));
    ch_jw_text(w, "failCause", strcmp(status, "22") == 0 ? ch_col(rows, i, "fails") : "");
    ch_jw_text(w, "payerName", ch_col(rows, i, "buyer"));
    ch_jw_text(w, "payerTaxNo", ch_col(rows, i, "tax_no"));
    ch_jw_text(w, "orderAmount", ch_nuonuo_yuan(a, total));
    ch_jw_text(w, "exTaxAmount", ch_nuonuo_yuan(a, total - tax));
    ch_jw_text(w, "taxAmount", ch_nuonuo_yuan(a, tax));
    if (strcmp(status, "2") == 0) {
        ch_jw_int(w, "invoiceTime", ch_col_int(rows, i, "issued_ms"));
        ch_jw_text(w, "invoiceNo", "");
        ch_jw_text(w, "allElectronicInvoiceNumber", ch_col(rows, i, "number"));
        ch_jw_text(w, "pdfUrl", nuonuo_file_url(a, base, file, "pdf"));
        ch_jw_text(w, "ofdUrl", nuonuo_file_url(a, base, file, "ofd"));
        ch_jw_text(w, "xmlUrl", nuonuo_file_url(a, base, file, "xml"));
    }
    ch_jw_end_object(w);
}

static const char *texts_of(struct ch_arena *a, const struct ch_json *in, const char *key)
{
    const struct ch_json *list = ch_json_get(in, key);
    struct ch_jw w;

    ch_jw_init(&w, a);
    ch_jw_array(&w, NULL);
    if (list != NULL && list->kind == CH_JSON_ARRAY && list->count <= 50)
        for (const struct ch_json *x = list->first; x != NULL; x = x->next)
            ch_jw_text(&w, NULL, x->kind == CH_JSON_STRING ? x->text : "");
    ch_jw_end_array(&w);
    return ch_jw_done(&w);
}

enum ch_err nuonuo_query(struct ch_req *r, const struct ch_json *in, const char *base)
{
    struct ch_rows rows;
    struct ch_jw w;
    enum ch_err e = ch_run(r,
                           CH_CALL(&sandbox_nuonuo_list, ch_p_text(texts_of(r->a, in, "orderNos")),
                                   ch_p_text(texts_of(r->a, in, "serialNos"))),
                           &rows);

    if (e != CH_OK)
        return e;
    if (rows.n == 0)
        return nuonuo_answer(r, "E9500", "未查询到发票信息", NULL);
    ch_jw_init(&w, r->a);
    ch_jw_array(&w, NULL);
    for (int i = 0; i < rows.n; i++)
        put_invoice(&w, r->a, &rows, i, base);
    ch_jw_end_array(&w);
    return nuonuo_answer(r, "E0000", "获取成功", ch_jw_done(&w));
}

enum ch_err nuonuo_again(struct ch_req *r, const struct ch_json *in, const char *base)
{
    static const struct {
        const char *was, *code, *describe;
    } answers[] = {
        {"22", "E0000", "重试成功"},
        {"2", "E9612", "发票已生成，无需再重试开票"},
        {"20", "E9612", "开票中（重试中），请耐心等待开票结果"},
        {"21", "E9612", "开票中（重试中），请耐心等待开票结果"},
        {"limit", "E9613", "同一流水号（订单号）单日最多重试20次"},
    };
    struct ch_rows rows;
    const char *fails, *was;
    enum ch_err e = failure_reason(r, &fails);

    if (e == CH_OK)
        e = ch_run(r,
                   CH_CALL(&sandbox_nuonuo_again, ch_p_text(sandbox_text(in, "fpqqlsh")),
                           ch_p_text(sandbox_text(in, "orderno")), ch_p_text(fails), ch_p_text(base)),
                   &rows);
    if (e != CH_OK)
        return e;
    was = rows.n == 1 ? ch_col(&rows, 0, "out") : NULL;
    for (size_t i = 0; i < CH_COUNT(answers); i++)
        if (was != NULL && strcmp(answers[i].was, was) == 0)
            return nuonuo_answer(r, answers[i].code, answers[i].describe, NULL);
    return nuonuo_answer(r, "E9500", "未查询到发票信息", NULL);
}
