/* SPDX-License-Identifier: Apache-2.0
 * Alipay's bill of a day: a ZIP with two CSV files in GBK, made from the books when it is downloaded. Unlike the vendor, the
 * sandbox also has the bill of the current day, so that a test need not wait until tomorrow. */
#include "modules/sandbox/alipay/alipay.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/gateway/alipay/answer.h"
#include "core/gateway/alipay/bill.h"
#include "core/gateway/amount.h"
#include "modules/sandbox/register.h"

#include <string.h>
#include <zip.h>

#define COLUMNS \
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）," \
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）," \
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n"

enum ch_err alipay_bill_url(struct ch_req *r, const struct alipay_call *c)
{
    const char *day = ch_json_text(c->biz, "bill_date"), *type = ch_json_text(c->biz, "bill_type");
    const char *token = ch_random_text(r->a, "0123456789abcdefghijklmnopqrstuvwxyz", 32);
    struct ch_rows made;
    struct ch_jw w;

    if (day == NULL || ch_parse_day(day) < 0 || type == NULL || strcmp(type, "trade") != 0)
        return alipay_refuse(r, c, "ACQ.INVALID_PARAMETER");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_alipay_bill_new, ch_p_text(token), ch_p_text(day)), &made);
    if (e != CH_OK)
        return e;
    if (made.n == 0)
        return alipay_refuse(r, c, "isp.bill_not_exist");
    alipay_begin(r, &w);
    ch_jw_text(&w, "bill_download_url",
               ch_printf(r->a, "http://" ALIPAY_HOST ":%s/bill/%s", ch_fcgi(r, "SERVER_PORT"), token));
    return alipay_end(r, c, &w);
}

/* The lines above the table. */
static void put_head(struct ch_buf *b, const char *day, const char *title)
{
    ch_buf_printf(b, "#支付宝业务明细查询\r\n#账号：[%s0156]\r\n", sandbox_register()->alipay_seller);
    ch_buf_printf(b, "#起始日期：[%s]   终止日期：[%s]\r\n#-------------%s列表-------------\r\n", day, day, title);
}

static void put_row(struct ch_req *r, struct ch_buf *b, const struct ch_rows *rows, int i)
{
    const char *request = ch_col(rows, i, "request"), *minus = request != NULL ? "-" : "";
    const char *amount = ch_amount_yuan(r->a, ch_col_int(rows, i, "fen"));
    char *subject = ch_strdup(r->a, ch_col(rows, i, "subject"));

    for (char *comma = subject; (comma = strchr(comma, ',')) != NULL;)
        *comma = ' ';
    ch_buf_printf(b, "%s\t,%s\t,%s,%s,%s,", ch_col(rows, i, "trade_no"), ch_col(rows, i, "out_trade_no"),
                  request != NULL ? "退款" : "交易", subject,
                  ch_beijing(r->a, ch_col_int(rows, i, "created"), ALIPAY_TIME));
    ch_buf_printf(b, "%s,,,,,159****5620,%s%s,%s%s,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,%s\t,0.00,0.00,\r\n",
                  ch_beijing(r->a, ch_col_int(rows, i, "at"), ALIPAY_TIME), minus, amount, minus, amount,
                  request != NULL ? request : "");
}

static const char *trades_csv(struct ch_req *r, const char *day, const struct ch_rows *rows)
{
    struct ch_buf b;

    ch_buf_init(&b, r->a);
    put_head(&b, day, "业务明细");
    ch_buf_puts(&b, COLUMNS);
    for (int i = 0; i < rows->n; i++)
        put_row(r, &b, rows, i);
    ch_buf_puts(&b, "#-------------业务明细列表结束-------------\r\n");
    return b.p;
}

static const char *sums_csv(struct ch_req *r, const char *day, const struct ch_rows *rows)
{
    int64_t in = 0, back = 0;
    int trades = 0;
    struct ch_buf b;

    for (int i = 0; i < rows->n; i++) {
        bool payment = ch_col(rows, i, "request") == NULL;
        *(payment ? &in : &back) += ch_col_int(rows, i, "fen");
        trades += payment;
    }
    ch_buf_init(&b, r->a);
    put_head(&b, day, "业务汇总");
    ch_buf_puts(&b, "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,退款金额（元）\r\n");
    ch_buf_printf(&b, "合计,,%d,%d,%s,%s\r\n#-------------业务汇总列表结束-------------\r\n", trades, rows->n - trades,
                  ch_amount_yuan(r->a, in), ch_amount_yuan(r->a, back));
    return b.p;
}

/* Adds a file whose name and text are GBK. Like the vendor's, the name is not marked as any encoding. */
static bool add_file(struct ch_arena *a, zip_t *z, const char *name, const char *text)
{
    struct ch_bytes name_gbk, text_gbk;

    if (!ch_alipay_utf8_to_gbk(a, name, &name_gbk) || !ch_alipay_utf8_to_gbk(a, text, &text_gbk))
        return false;
    zip_source_t *source = zip_source_buffer(z, text_gbk.p, text_gbk.n, 0);
    if (source != NULL && zip_file_add(z, ch_strndup(a, name_gbk.p, name_gbk.n), source, ZIP_FL_ENC_CP437) >= 0)
        return true;
    zip_source_free(source);
    return false;
}

static bool read_source(struct ch_arena *a, zip_source_t *source, struct ch_bytes *out)
{
    zip_stat_t st;

    if (zip_source_stat(source, &st) != 0 || zip_source_open(source) != 0)
        return false;
    unsigned char *p = ch_alloc(a, st.size + 1);
    zip_int64_t n = zip_source_read(source, p, st.size);
    zip_source_close(source);
    *out = CH_BYTES(p, (size_t)st.size);
    return n >= 0 && (zip_uint64_t)n == st.size;
}

static bool make_zip(struct ch_req *r, const char *day, const struct ch_rows *rows, struct ch_bytes *out)
{
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *z = whole != NULL ? zip_open_from_source(whole, ZIP_TRUNCATE, NULL) : NULL;
    const char *name = ch_printf(r->a, "%s0156_%s_业务明细", sandbox_register()->alipay_seller, day);

    if (z == NULL)
        return false;
    zip_source_keep(whole); /* closing the archive drops one reference to it */
    bool ok = add_file(r->a, z, ch_printf(r->a, "%s.csv", name), trades_csv(r, day, rows)) &&
              add_file(r->a, z, ch_printf(r->a, "%s(汇总).csv", name), sums_csv(r, day, rows)) && zip_close(z) == 0;
    if (!ok)
        zip_discard(z);
    ok = ok && read_source(r->a, whole, out);
    zip_source_free(whole);
    return ok;
}

enum ch_err sandbox_alipay_bill(struct ch_req *r)
{
    struct ch_rows bill, rows;
    struct ch_bytes zip;

    if (!sandbox_host(r, ALIPAY_HOST))
        return ch_fail(r, CH_E_NOT_FOUND, "not Alipay's host");
    enum ch_err e = ch_run(r, CH_CALL(&sandbox_alipay_bill_day, ch_p_text(ch_var(r, "token"))), &bill);
    if (e == CH_OK && bill.n != 1)
        return ch_fail(r, CH_E_NOT_FOUND, "no such bill, or its address is too old");
    if (e == CH_OK)
        e = ch_run(r, CH_CALL(&sandbox_alipay_bill_rows, ch_p_text(ch_col(&bill, 0, "day"))), &rows);
    if (e != CH_OK)
        return e;
    const char *day = ch_col(&bill, 0, "day");
    if (!make_zip(r, day, &rows, &zip))
        return ch_fail(r, CH_E_INTERNAL, "the bill cannot be packed");
    const char *name = ch_printf(r->a, "%s_%s.csv.zip", sandbox_register()->alipay_seller, day);
    return ch_reply_file(r, "application/zip", name, zip);
}
