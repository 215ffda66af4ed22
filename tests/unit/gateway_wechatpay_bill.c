/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay's bill of a day, in the columns of its description ("format of the transaction bill"). */
#include "core/base/clock.h"
#include "core/gateway/wechatpay/bill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEAD \
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类," \
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包," \
    "手续费,费率,订单金额,申请退款金额,费率备注"
#define PAID \
    "`2026-01-02 15:04:05,`wx1,`19,`0,`,`4200000000000000000000000001,`T1,`o1,`NATIVE,`SUCCESS,`OTHERS,`CNY,`349.00," \
    "`1.00,`0,`0,`0.00,`0.00,`,`,`数字证书, 一年,`,`2.10000,`0.60%,`350.00,`0.00,`"
#define REFUND(status) \
    "`2026-01-02 16:00:00,`wx1,`19,`0,`,`4200000000000000000000000001,`T1,`o1,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00," \
    "`50300000000000000000000001,`R1,`99.00,`0.00,`ORIGINAL,`" status ",`数字证书, 一年,`,`-0.60000,`0.60%,`0.00,`100.05,`"
#define SUMS(n) \
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n`" n \
    ",`349.00,`99.00,`0.00,`1.50000,`350.00,`100.05\n"

static struct ch_arena *a;

static const char *reads(const char *file, struct ch_wechatpay_bill *bill)
{
    return ch_wechatpay_bill_read(a, CH_BYTES(file, strlen(file)), bill);
}

static void payment_and_refund(void **state)
{
    struct ch_wechatpay_bill bill;

    (void)state;
    assert_null(reads("\xef\xbb\xbf" HEAD "\r\n" PAID "\r\n" REFUND("PROCESSING") "\r\n" SUMS("2"), &bill));
    assert_int_equal(bill.n, 2);
    assert_int_equal(bill.rows[0].kind, CH_BILL_PAYMENT);
    assert_string_equal(bill.rows[0].out_trade_no, "T1");
    assert_string_equal(bill.rows[0].out_refund_no, "");
    assert_string_equal(bill.rows[0].vendor_no, "4200000000000000000000000001");
    assert_int_equal(bill.rows[0].amount_fen, 35000);
    assert_int_equal(bill.rows[0].at, ch_parse_rfc3339("2026-01-02T15:04:05+08:00"));
    assert_int_equal(bill.rows[1].kind, CH_BILL_REFUND);
    assert_string_equal(bill.rows[1].out_refund_no, "R1");
    assert_int_equal(bill.rows[1].amount_fen, 10005);
}

static void columns_in_another_order(void **state)
{
    struct ch_wechatpay_bill bill;

    (void)state;
    assert_null(reads("申请退款金额,订单金额,退款状态,商户退款单号,交易状态,商户订单号,微信订单号,交易时间,新列\n"
                      "`0.00,`0.1,`,`,`SUCCESS,`T9,`42,`2026-01-02 00:00:00,`x\n" SUMS("1"),
                      &bill));
    assert_int_equal(bill.n, 1);
    assert_int_equal(bill.rows[0].amount_fen, 10);
    assert_string_equal(bill.rows[0].out_trade_no, "T9");
}

static void a_failed_refund_moved_nothing(void **state)
{
    struct ch_wechatpay_bill bill;

    (void)state;
    assert_null(reads(HEAD "\n" REFUND("FAIL") "\n" PAID "\n" SUMS("2"), &bill));
    assert_int_equal(bill.n, 1);
    assert_int_equal(bill.rows[0].kind, CH_BILL_PAYMENT);
}

static void a_day_without_trades(void **state)
{
    struct ch_wechatpay_bill bill;

    (void)state;
    assert_null(reads(HEAD "\n" SUMS("0"), &bill));
    assert_int_equal(bill.n, 0);
}

static void many_lines(void **state)
{
    struct ch_wechatpay_bill bill;
    const char *file = HEAD "\n";

    (void)state;
    for (int i = 0; i < 100; i++)
        file = ch_printf(a, "%s%s\n", file, PAID);
    assert_null(reads(ch_printf(a, "%s%s", file, SUMS("100")), &bill));
    assert_int_equal(bill.n, 100);
    assert_int_equal(bill.rows[99].amount_fen, 35000);
}

#define LINE(state, amount, time) "`0.00,`" amount ",`,`,`" state ",`T9,`42,`" time "\n"
#define SHORT_HEAD "申请退款金额,订单金额,退款状态,商户退款单号,交易状态,商户订单号,微信订单号,交易时间\n"

static void refused(void **state)
{
    static const char *const files[] = {
        "",
        "\n",
        HEAD "\n",
        HEAD "\n" PAID "\n",                            /* cut off */
        HEAD "\n" PAID "\n" SUMS("2"),                  /* a line is missing */
        HEAD "\n" PAID "\n总交易单数,应结订单总金额\n", /* the sums are missing */
        HEAD "\n`2026-01-02 15:04:05,`wx1\n" SUMS("1"), /* too few values */
        HEAD "\n" PAID ",`more\n" SUMS("1"),            /* too many */
        "交易时间,微信订单号\n" SUMS("0"),              /* unknown columns */
        "{\"code\":\"SYSTEM_ERROR\"}",
        SHORT_HEAD LINE("CHANGED", "1.00", "2026-01-02 00:00:00") SUMS("1"),
        SHORT_HEAD LINE("SUCCESS", "1.001", "2026-01-02 00:00:00") SUMS("1"),
        SHORT_HEAD LINE("SUCCESS", "-1.00", "2026-01-02 00:00:00") SUMS("1"),
        SHORT_HEAD LINE("SUCCESS", "1e2", "2026-01-02 00:00:00") SUMS("1"),
        SHORT_HEAD LINE("SUCCESS", "", "2026-01-02 00:00:00") SUMS("1"),
        SHORT_HEAD LINE("SUCCESS", "1.00", "2026-02-30 00:00:00") SUMS("1"),
        SHORT_HEAD LINE("SUCCESS", "1.00", "yesterday") SUMS("1"),
        SHORT_HEAD "`0.00,`1.00,`,`,`SUCCESS,`,`42,`2026-01-02 00:00:00\n" SUMS("1"),
        HEAD "\n\xff\n" SUMS("0"),
    };
    struct ch_wechatpay_bill bill;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(files); i++) {
        assert_non_null(reads(files[i], &bill));
        assert_int_equal(bill.n, 0);
    }
    assert_null(reads(SHORT_HEAD LINE("SUCCESS", "1.00", "2026-01-02 00:00:00") SUMS("1"), &bill));
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payment_and_refund),
        cmocka_unit_test(columns_in_another_order),
        cmocka_unit_test(a_failed_refund_moved_nothing),
        cmocka_unit_test(a_day_without_trades),
        cmocka_unit_test(many_lines),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
