/* SPDX-License-Identifier: Apache-2.0
 * Alipay's notifications: a signed form about a payment or a refund, sent to the address that the order gave. */
#include "core/base/clock.h"
#include "core/gateway/amount.h"
#include "modules/sandbox/alipay/alipay.h"
#include "modules/sandbox/notifier.h"
#include "modules/sandbox/register.h"

#include <string.h>

/* opendocs.alipay.com, "asynchronous notification": eight sends in about 25 hours. */
static const int retry_seconds[] = {240, 600, 600, 3600, 7200, 21600, 54000};

/* The parameters that the notification of a refund has in addition to those of the payment. */
static void add_refund(struct ch_arena *a, struct ch_alipay_params *p, const struct sandbox_notice *n)
{
    int64_t refunded = 0, back = 0;

    if (!ch_json_int(n->facts, "refunded", &refunded) || !ch_json_int(n->facts, "back", &back))
        return;
    ch_alipay_add(p, "out_biz_no", ch_json_text(n->facts, "request"));
    ch_alipay_add(p, "refund_fee", ch_amount_yuan(a, refunded));
    ch_alipay_add(p, "send_back_fee", ch_amount_yuan(a, back));
    ch_alipay_add(p, "gmt_refund", ch_printf(a, "%s.000", ch_beijing(a, n->created, ALIPAY_TIME)));
}

static void add_trade(struct ch_arena *a, struct ch_alipay_params *p, const struct sandbox_notice *n,
                      const struct ch_rows *row)
{
    const struct ch_json *wrong = ch_json_get(n->facts, "wrong_amount");
    const char *total = ch_amount_yuan(a, ch_col_int(row, 0, "total") + (wrong != NULL && wrong->truth ? 1 : 0));
    const char *state = ch_json_text(n->facts, "state");

    ch_alipay_add(p, "trade_no", ch_col(row, 0, "trade_no"));
    ch_alipay_add(p, "out_trade_no", ch_col(row, 0, "out_trade_no"));
    ch_alipay_add(p, "buyer_id", ch_col(row, 0, "buyer_id"));
    ch_alipay_add(p, "buyer_logon_id", "159****5620");
    ch_alipay_add(p, "trade_status", state != NULL ? state : "TRADE_SUCCESS");
    ch_alipay_add(p, "total_amount", total);
    ch_alipay_add(p, "receipt_amount", total);
    ch_alipay_add(p, "invoice_amount", total);
    ch_alipay_add(p, "buyer_pay_amount", total);
    ch_alipay_add(p, "point_amount", "0.00");
    ch_alipay_add(p, "fund_bill_list", ch_printf(a, "[{\"amount\":\"%s\",\"fundChannel\":\"ALIPAYACCOUNT\"}]", total));
    ch_alipay_add(p, "subject", ch_col(row, 0, "subject"));
    ch_alipay_add(p, "gmt_create", ch_beijing(a, ch_col_int(row, 0, "created"), ALIPAY_TIME));
    ch_alipay_add(p, "gmt_payment", ch_beijing(a, ch_col_int(row, 0, "paid"), ALIPAY_TIME));
}

static bool make_request(struct ch_arena *a, struct ch_db *db, const struct sandbox_notice *n, struct ch_http_request *req)
{
    const struct sandbox_register *reg = sandbox_register();
    struct ch_alipay_params p = {.n = 0};
    struct ch_rows row;

    if (ch_db_one(db, a, NULL, CH_CALL(&sandbox_alipay_trade_get, ch_p_text(n->about)), &row) != CH_OK || row.n != 1)
        return false;
    ch_alipay_add(&p, "notify_time", ch_beijing(a, ch_now_ms() / 1000, ALIPAY_TIME));
    ch_alipay_add(&p, "notify_type", "trade_status_sync");
    ch_alipay_add(&p, "notify_id", n->id);
    ch_alipay_add(&p, "app_id", reg->alipay_appid);
    ch_alipay_add(&p, "auth_app_id", reg->alipay_appid);
    ch_alipay_add(&p, "seller_id", reg->alipay_seller);
    ch_alipay_add(&p, "charset", "utf-8");
    ch_alipay_add(&p, "version", "1.0");
    add_trade(a, &p, n, &row);
    if (strcmp(n->kind, "refund") == 0)
        add_refund(a, &p, n);
    alipay_sign(a, &p);
    const char *body = ch_alipay_form(a, &p);
    req->headers[0] = "Content-Type: application/x-www-form-urlencoded; charset=utf-8";
    req->body = CH_BYTES(body, strlen(body));
    return true;
}

static bool is_acknowledged(const struct ch_http_response *res)
{
    return res->status == 200 && res->body.n == 7 && memcmp(res->body.p, "success", 7) == 0;
}

const struct sandbox_notifier sandbox_notify_alipay = {"alipay", retry_seconds, CH_COUNT(retry_seconds), make_request,
                                                       is_acknowledged};
