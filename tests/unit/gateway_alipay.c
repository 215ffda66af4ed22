/* SPDX-License-Identifier: Apache-2.0
 * Alipay: vectors made with openssl under a key that was thrown away, and everything that must be refused. */
#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "core/gateway/alipay/answer.h"
#include "core/gateway/alipay/bill.h"
#include "core/gateway/alipay/sign.h"
#include "core/gateway/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include <cmocka.h>

#define QUERY "alipay.trade.query"

static struct ch_arena *a;
static EVP_PKEY *key;  /* public, of the vectors */
static EVP_PKEY *pair; /* made anew for what openssl did not sign beforehand */

static const char public_key[] =
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsTuZvQ1cVPf0FEvnIEun\nwa0m5E"
    "xRAKLib4AUxUBgkuvhtv+o4LRgGj4WObovINYsTGjzNZlFqI2thIoY/mZH\n60kZSUA68B94Fn3Q9/fcNS0iFAjnUJ0gErEPgDdu"
    "HgOMul/n80vjw0ZKyyDlIidE\npmvSiCBMCflofzGoqYT3mjB1kLOYrbVXN0IX6fPi0zE7kiXRFVhVyeXkK8H1RCzO\nAsrNbocP"
    "DzB4EumK6uPd/qZclbEEeb5/kcSNCy/pbfza7zqkIxMy00UyIJiFA50K\nx7QSB/ARRaPSGW5zL9xUgEjLGnv80EOzeEMWP2xdfs"
    "GAk01q4e8sVZbQ/KaHZs3T\nHwIDAQAB\n-----END PUBLIC KEY-----\n";

static const char request_signature[] =
    "pKz1dS69+xuCpzRftLdnUNsIdLT9qLvcQnmzOADeWmXFb1r6VDNeomZYPxG5r7mfNssIyEBZsVPwoZdtIMJrbOyLPT5M2Lfetzji"
    "vQ1e2HZwzyTEcIDSeJrYGZCx7QRknuKpme3S+EOkHhYY3XVHUtiRCiNFwe/7Af1X90WSLiqv8tly5fGdADP2tifSY+qSixYPsnjC"
    "G9mmRGK8Exs0APJto6h9UXrxQ7SJvdgTWMDm0w2QhhOLLaNIF8fq9F8hfi3kK5JvjJBDcWO/KwoNpqGkv6+PL1UbT5aNKYKS/v8G"
    "p23CBA5KezT//2FusYGQ5AdooH9Mw8xT3fmgOjSOHA==";

static const char node_signature[] =
    "KbNtotCWSCeV2aS9lGJLriu8NcJwqTyMeVS1x5NPR1YrDW3nEe1OmPfxSI0/8Jz6HJfcAAq7LpZyJNWm36SQQTfI+P1pcIrCGCto"
    "JLn9hCNpE8QHxfquSbb8G8KFfpvaLJ3X2AzuYoSEpY26i/8QL5mbkMXz2D/H4n3ZqNJ/EnpzdcwC863Hp/2N+up+z/dz08ox2Ear"
    "ZF29HVnrnLgPVL3rpagmdb4Sub8OhBd9cunLF5FlxTx55MfliTrQTC3z7u4Tm4gLiynqZW/5bljWu9JkedvXSIhvcspDDK1NXrnU"
    "MbvcfzkebATbmMiOdW2WggDsjSZ2dTMnHnZgPuX+LQ==";

static const char notice_signature[] =
    "cb8p5kKF6JWqyCVCx5lDap2lOGh0s2BQycNQiwmy2PJGfcGjyFPZVvY8XLVctLYIym0gePMaWrpSq2pVrcelj2qCrrLJ7Rqy6nAM"
    "FoziVzy7bAN88prB/+BFreisO4tK8RyhNjhBC4Z4u3IQK0ocU4isvkIKqknPoAEG7TN092Qq/cygwLFLKbpTQbFPlNmp3QZGaUCP"
    "ACx1jttIwaaWfqxlEQ0HlYmNmvLW3DDdod3FpIJylosGozTToxJy14YYppIe83fi37vmDaWzhf5wK85R19H0aNNmoS86MQl+r9tG"
    "CeTrv6lJS3k7KqgeO6eCVYu7mD21qEMt2uIl8uUImg==";

static struct ch_bytes bytes(const char *s)
{
    return CH_BYTES(s, strlen(s));
}

static const char *sign(const char *text)
{
    const char *out = ch_alipay_sign(a, pair, bytes(text));
    assert_non_null(out);
    return out;
}

static struct ch_alipay_params form(const char *text)
{
    struct ch_alipay_params p = {.n = 0};
    assert_true(ch_alipay_read_form(a, bytes(text), &p));
    return p;
}

static void request_text(void **state)
{
    struct ch_alipay_params p = {.n = 0};

    (void)state;
    ch_alipay_add(&p, "version", "1.0");
    ch_alipay_add(&p, "method", "alipay.trade.precreate");
    ch_alipay_add(&p, "app_id", "2021000000000001");
    ch_alipay_add(&p, "timestamp", "2026-01-01 08:00:00");
    ch_alipay_add(&p, "charset", "utf-8");
    ch_alipay_add(&p, "sign_type", "RSA2");
    ch_alipay_add(&p, "return_url", "");
    ch_alipay_add(&p, "notify_url", NULL);
    ch_alipay_add(&p, "sign", "not signed");
    ch_alipay_add(&p, "biz_content",
                  "{\"out_trade_no\":\"T20260101000001\",\"total_amount\":\"350.00\",\"subject\":\"数字证书 一年\"}");
    const char *text = ch_alipay_text(a, &p, CH_ALIPAY_REQUEST);
    assert_true(ch_alipay_verify(a, key, bytes(text), request_signature));
    assert_false(ch_alipay_verify(a, key, bytes(ch_alipay_text(a, &p, CH_ALIPAY_NOTIFY)), request_signature));
    assert_false(ch_alipay_verify(a, key, bytes(text), node_signature));
    assert_false(ch_alipay_verify(a, key, bytes(text), ""));
    assert_false(ch_alipay_verify(a, key, bytes(text), "no base64!"));
}

static void signs_as_it_verifies(void **state)
{
    (void)state;
    assert_true(ch_alipay_verify(a, pair, bytes("a=1&b=2"), sign("a=1&b=2")));
    assert_false(ch_alipay_verify(a, pair, bytes("a=1&b=3"), sign("a=1&b=2")));
    assert_false(ch_alipay_verify(a, key, bytes("a=1&b=2"), sign("a=1&b=2")));
}

static void forms(void **state)
{
    struct ch_alipay_params p = form("b=x+y%2Bz&a=%E4%B8%AD&empty=&&c=1%3D2");

    (void)state;
    assert_int_equal(p.n, 3);
    assert_string_equal(ch_alipay_get(&p, "b"), "x y+z");
    assert_null(ch_alipay_get(&p, "empty"));
    assert_string_equal(ch_alipay_text(a, &p, CH_ALIPAY_REQUEST), "a=中&b=x y+z&c=1=2");
    assert_string_equal(ch_alipay_form(a, &p), "b=x%20y%2Bz&a=%E4%B8%AD&c=1%3D2");
}

static void forms_refused(void **state)
{
    static const char *const bad[] = {"a=%", "a=%zz", "a=%00", "a=%ff", "%ff=a", "a=1&a=2"};
    struct ch_alipay_params p;
    struct ch_buf many;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++) {
        p.n = 0;
        assert_false(ch_alipay_read_form(a, bytes(bad[i]), &p));
    }
    p.n = 0;
    assert_false(ch_alipay_read_form(a, CH_LIT("a=1\0&b=2"), &p));
    ch_buf_init(&many, a);
    for (int i = 0; i <= CH_ALIPAY_MAX_PARAMS; i++)
        ch_buf_printf(&many, "n%d=1&", i);
    p.n = 0;
    assert_false(ch_alipay_read_form(a, ch_buf_bytes(&many), &p));
}

static void node_extent(void **state)
{
    static const struct {
        const char *body, *node;
    } good[] = {
        {"{\"x_response\":{\"a\":1},\"sign\":\"s\"}", "{\"a\":1}"},
        {" { \"sign\" : \"}{\" ,\n\"x_response\" : {\"a\":\"}\\\"\\\\\", \"b\":[{}]} } ", "{\"a\":\"}\\\"\\\\\", \"b\":[{}]}"},
        {"{\"n\":-1.5e3,\"t\":true,\"l\":[1,{\"x_response\":{}}],\"x_response\":{}}", "{}"},
    };
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"x_response\":1}",
                                      "{\"x_response\":\"{}\"}",
                                      "{\"x_respons\":{}}",
                                      "{\"y\":{\"x_response\":{}}}",
                                      "{\"x_response\":[{}]}",
                                      "{\"x_response\":{",
                                      "{\"x_resp"};
    struct ch_bytes node;

    (void)state;
    assert_string_equal(ch_alipay_node_name(a, "alipay.trade.fastpay.refund.query"),
                        "alipay_trade_fastpay_refund_query_response");
    for (size_t i = 0; i < CH_COUNT(good); i++) {
        assert_true(ch_alipay_node(bytes(good[i].body), "x_response", &node));
        assert_string_equal(ch_strndup(a, node.p, node.n), good[i].node);
    }
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_alipay_node(bytes(bad[i]), "x_response", &node));
}

/* Escaped slashes are signed as they are: openssl has made the signature over exactly these bytes. */
static void answer_of_a_vector(void **state)
{
    static const char node_text[] = "{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"T20260101000001\","
                                    "\"qr_code\":\"https:\\/\\/qr.alipay.com\\/bax0000000000000000000\"}";
    const struct ch_json *node;
    const char *body = ch_printf(a, "{\"alipay_trade_precreate_response\":%s,\"sign\":\"%s\"}", node_text, node_signature);

    (void)state;
    struct ch_answer answer = ch_alipay_answer(a, key, "alipay.trade.precreate", bytes(body), &node);
    assert_int_equal(answer.outcome, CH_ACCEPTED);
    assert_string_equal(ch_json_text(node, "qr_code"), "https://qr.alipay.com/bax0000000000000000000");
    answer = ch_alipay_answer(a, key, QUERY, bytes(body), &node);
    assert_string_equal(answer.code, "bad_answer");
    for (size_t i = strlen("{\"alipay_trade_precreate_response\":{"); i < strlen(node_text); i += 5) {
        char *changed = ch_strdup(a, body);
        changed[i] ^= 1;
        answer = ch_alipay_answer(a, key, "alipay.trade.precreate", bytes(changed), &node);
        assert_int_equal(answer.outcome, CH_UNKNOWN);
        assert_string_equal(answer.code, "bad_answer");
        assert_null(node);
    }
}

static struct ch_answer answer_of(const char *node_text)
{
    const struct ch_json *node;
    const char *body = ch_printf(a, "{\"alipay_trade_query_response\":%s,\"sign\":\"%s\"}", node_text, sign(node_text));
    return ch_alipay_answer(a, pair, QUERY, bytes(body), &node);
}

static void outcomes(void **state)
{
    static const struct {
        const char *node;
        enum ch_outcome outcome;
        const char *code;
    } rows[] = {
        {"{\"code\":\"10000\",\"msg\":\"Success\"}", CH_ACCEPTED, ""},
        {"{\"code\":\"10003\",\"msg\":\"order success pay inprocess\"}", CH_UNKNOWN, "10003"},
        {"{\"code\":\"20000\",\"sub_code\":\"isp.unknow-error\",\"sub_msg\":\"x\"}", CH_UNKNOWN, "isp.unknow-error"},
        {"{\"code\":\"40004\",\"sub_code\":\"ACQ.SYSTEM_ERROR\"}", CH_UNKNOWN, "ACQ.SYSTEM_ERROR"},
        {"{\"code\":\"40005\",\"sub_code\":\"isv.app-call-limited\"}", CH_UNKNOWN, "isv.app-call-limited"},
        {"{\"code\":\"40004\",\"sub_code\":\"ACQ.TRADE_NOT_EXIST\",\"sub_msg\":\"交易不存在\"}", CH_REFUSED,
         "ACQ.TRADE_NOT_EXIST"},
        {"{\"code\":\"40002\",\"sub_code\":\"isv.invalid-signature\"}", CH_REFUSED, "isv.invalid-signature"},
        {"{\"code\":\"20001\",\"msg\":\"Insufficient Token Permissions\"}", CH_REFUSED, "20001"},
        {"{\"msg\":\"no code\"}", CH_UNKNOWN, ""},
    };

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        struct ch_answer answer = answer_of(rows[i].node);
        assert_int_equal(answer.outcome, rows[i].outcome);
        assert_string_equal(answer.code, rows[i].code);
    }
}

static void answers_not_believed(void **state)
{
    const char *node_text = "{\"code\":\"10000\"}", *good = sign(node_text);
    const char *const bad[] = {
        "",
        "<html>系统繁忙</html>",
        "{\"alipay_trade_query_response\":{\"code\":\"40002\",\"sub_code\":\"isv.invalid-app-id\"}}",
        ch_printf(a, "{\"alipay_trade_query_response\":%s,\"sign\":null}", node_text),
        ch_printf(a, "{\"alipay_trade_query_response\":%s,\"sign\":\"\"}", node_text),
        ch_printf(a, "{\"alipay_trade_query_response\":{\"code\": \"10000\"},\"sign\":\"%s\"}", good),
        ch_printf(a, "{\"alipay_trade_query_response\":%s,\"sign\":\"%s\"} x", node_text, good),
        ch_printf(a, "{\"alipay_trade_query_response\":%s,\"alipay_trade_query_response\":{\"code\":\"40004\"},\"sign\":\"%s\"}",
                  node_text, good),
        ch_printf(a, "{\"alipay_trade_close_response\":%s,\"sign\":\"%s\"}", node_text, good),
    };
    const struct ch_json *node;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++) {
        struct ch_answer answer = ch_alipay_answer(a, pair, QUERY, bytes(bad[i]), &node);
        assert_int_equal(answer.outcome, CH_UNKNOWN);
        assert_string_equal(answer.code, "bad_answer");
        assert_null(node);
    }
    const char *error = ch_printf(a, "{\"error_response\":%s,\"sign\":\"%s\"}",
                                  "{\"code\":\"40001\",\"sub_code\":\"isv.missing-method\"}",
                                  sign("{\"code\":\"40001\",\"sub_code\":\"isv.missing-method\"}"));
    assert_int_equal(ch_alipay_answer(a, pair, QUERY, bytes(error), &node).outcome, CH_REFUSED);
}

static void amounts_and_times(void **state)
{
    (void)state;
    assert_string_equal(ch_amount_yuan(a, 35000), "350.00");
    assert_string_equal(ch_amount_yuan(a, 1), "0.01");
    assert_string_equal(ch_amount_yuan(a, 10000000000), "100000000.00");
    assert_int_equal(ch_amount_read("350.00"), 35000);
    assert_int_equal(ch_amount_read("350.5"), 35050);
    assert_int_equal(ch_amount_read("350"), 35000);
    assert_int_equal(ch_amount_read("0.29"), 29);
    static const char *const bad[] = {"",   ".5", "1.",  "1.234",          "-1",      "+1",
                                      " 1", "1 ", "1e3", "12345678901234", "1,000.00"};
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(ch_amount_read(bad[i]), -1);
    assert_int_equal(ch_alipay_time("2026-01-01 08:00:00"), 1767225600);
    assert_int_equal(ch_alipay_time("2026-01-01 08:00:00.320"), 1767225600);
    assert_int_equal(ch_alipay_time(NULL), 0);
    assert_int_equal(ch_alipay_time("2026-01-01"), 0);
    assert_int_equal(ch_alipay_time("2026-02-30 08:00:00"), 0);
    assert_int_equal(ch_alipay_time("2026-01-01 08:00:00Z"), 0);
}

static struct ch_alipay_trust trust(EVP_PKEY *k)
{
    return (struct ch_alipay_trust){k, "2021000000000001", "2088000000000001"};
}

/* A notification with these fields beyond the usual ones, or in place of them, signed by `pair`. */
static struct ch_bytes notice_of(const char *extra)
{
    static const char *const usual[][2] = {
        {"app_id", "2021000000000001"},
        {"seller_id", "2088000000000001"},
        {"notify_id", "N1"},
        {"out_trade_no", "T1"},
        {"trade_no", "2026A"},
        {"trade_status", "TRADE_SUCCESS"},
        {"sign_type", "RSA2"},
        {"total_amount", "350.00"},
    };
    struct ch_alipay_params p = {.n = 0}, given = form(extra);

    for (size_t i = 0; i < CH_COUNT(usual); i++)
        if (ch_alipay_get(&given, usual[i][0]) == NULL)
            ch_alipay_add(&p, usual[i][0], usual[i][1]);
    for (size_t i = 0; i < given.n; i++)
        if (strcmp(given.at[i].value, "-") != 0)
            ch_alipay_add(&p, given.at[i].name, given.at[i].value);
    ch_alipay_add(&p, "sign", sign(ch_alipay_text(a, &p, CH_ALIPAY_NOTIFY)));
    return bytes(ch_alipay_form(a, &p));
}

static enum ch_err read_notice(const char *extra, struct ch_alipay_notice *n)
{
    struct ch_alipay_trust t = trust(pair);
    return ch_alipay_notice_with(a, NULL, &t, notice_of(extra), n);
}

static const char vector_body[] =
    "gmt_payment=2026-01-01+07%3A59%3A58&app_id=2021000000000001&charset=utf-8&notify_id="
    "2026010100222075958000000000000001"
    "&notify_time=2026-01-01+08%3A00%3A00&notify_type=trade_status_sync&out_trade_no=T20260101000001"
    "&seller_id=2088000000000001&subject=%E6%95%B0%E5%AD%97%E8%AF%81%E4%B9%A6+100%25+%26+%E4%B8%80%E5%B9%B4%2B1"
    "&total_amount=350.00&trade_no=2026010122001400000000000001&trade_status=TRADE_SUCCESS&version=1.0&sign_type=RSA2"
    "&passback_params=&sign=";

static void notice_of_a_payment(void **state)
{
    const char *body = ch_printf(a, "%s%s", vector_body, ch_percent(a, notice_signature));
    struct ch_alipay_trust t = trust(key);
    struct ch_alipay_notice n;

    (void)state;
    assert_int_equal(ch_alipay_notice_with(a, NULL, &t, bytes(body), &n), CH_OK);
    assert_int_equal(n.event, CH_ALIPAY_PAID);
    assert_string_equal(n.id, "2026010100222075958000000000000001");
    assert_string_equal(n.payment.out_trade_no, "T20260101000001");
    assert_string_equal(n.payment.trade_no, "2026010122001400000000000001");
    assert_int_equal(n.payment.total_fen, 35000);
    assert_int_equal(n.payment.success_time, 1767225598);
    assert_null(n.out_biz_no);
    for (size_t i = 0; i < sizeof vector_body - sizeof "&passback_params=&sign="; i += 3) {
        char *changed = ch_strdup(a, body);
        changed[i] ^= 1;
        assert_int_not_equal(ch_alipay_notice_with(a, NULL, &t, bytes(changed), &n), CH_OK);
    }
    t.appid = "2021000000000002";
    assert_int_equal(ch_alipay_notice_with(a, NULL, &t, bytes(body), &n), CH_E_FORBIDDEN);
    t = trust(key);
    t.seller = "2088000000000002";
    assert_int_equal(ch_alipay_notice_with(a, NULL, &t, bytes(body), &n), CH_E_FORBIDDEN);
    t = trust(pair);
    assert_int_equal(ch_alipay_notice_with(a, NULL, &t, bytes(body), &n), CH_E_UNAUTHENTICATED);
}

static void notice_of_a_refund(void **state)
{
    struct ch_alipay_notice n;

    (void)state;
    assert_int_equal(read_notice("refund_fee=100.00&out_biz_no=R1&gmt_refund=2026-01-01+08%3A00%3A00.123"
                                 "&gmt_payment=2026-01-01+07%3A59%3A58",
                                 &n),
                     CH_OK);
    assert_int_equal(n.event, CH_ALIPAY_REFUND);
    assert_int_equal(n.refunded_fen, 10000);
    assert_string_equal(n.out_biz_no, "R1");
    assert_int_equal(n.refund_time, 1767225600);
    assert_int_equal(read_notice("refund_fee=350.00&out_biz_no=R1&trade_status=TRADE_CLOSED", &n), CH_OK);
    assert_int_equal(n.event, CH_ALIPAY_REFUND);
    assert_int_equal(n.payment.state, CH_ALIPAY_CLOSED);
    assert_int_equal(read_notice("gmt_refund=2026-01-01+08%3A00%3A00", &n), CH_E_MALFORMED);
}

static void notices_that_are_neither(void **state)
{
    static const struct {
        const char *extra;
        enum ch_err err;
        enum ch_alipay_event event;
    } rows[] = {
        {"", CH_OK, CH_ALIPAY_PAID},
        {"trade_status=TRADE_FINISHED", CH_OK, CH_ALIPAY_PAID},
        {"refund_fee=0.00", CH_OK, CH_ALIPAY_PAID},
        {"trade_status=TRADE_CLOSED", CH_OK, CH_ALIPAY_NOTHING},
        {"trade_status=WAIT_BUYER_PAY", CH_OK, CH_ALIPAY_NOTHING},
        {"trade_status=SOMETHING_NEW", CH_OK, CH_ALIPAY_NOTHING},
        {"total_amount=-350.00", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"total_amount=-", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"trade_no=-", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"notify_id=-", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"out_trade_no=-", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"trade_status=-", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"refund_fee=x", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"trans_currency=CNY&settle_currency=CNY", CH_OK, CH_ALIPAY_PAID},
        {"trans_currency=USD", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"settle_currency=HKD", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"refund_fee=350.00&out_biz_no=R1&refund_currency=USD", CH_E_MALFORMED, CH_ALIPAY_NOTHING},
        {"sign_type=RSA", CH_E_UNAUTHENTICATED, CH_ALIPAY_NOTHING},
        {"sign_type=-", CH_E_UNAUTHENTICATED, CH_ALIPAY_NOTHING},
    };
    struct ch_alipay_notice n;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        assert_int_equal(read_notice(rows[i].extra, &n), rows[i].err);
        if (rows[i].err == CH_OK)
            assert_int_equal(n.event, rows[i].event);
    }
}

/* --- the bill --- */

#define BILL_HEAD \
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）,商家实收（元）,退款批次号/" \
    "请求号,备注\n"
#define BILL_PAID "2026010122001\t,T1\t,交易,数字证书,2026-01-01 07:59:00,2026-01-01 08:00:00,350.00,350.00,,\n"
#define BILL_BACK "2026010122001\t,T1\t,退款,数字证书,2026-01-01 07:59:00,2026-01-01 08:00:01,-100.00,-100.00,R1\t,\n"

static void bill_text(void **state)
{
    const struct ch_bill_row *rows;
    size_t n;

    (void)state;
    assert_int_equal(ch_alipay_read_bill_text(a, NULL,
                                              "#支付宝业务明细查询\r\n#账号：[20880000]\r\n" BILL_HEAD BILL_PAID BILL_BACK
                                              "#---业务明细列表结束---\n#导出时间：[2026年01月02日]",
                                              &rows, &n),
                     CH_OK);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].kind, CH_BILL_PAYMENT);
    assert_string_equal(rows[0].vendor_no, "2026010122001");
    assert_string_equal(rows[0].out_trade_no, "T1");
    assert_string_equal(rows[0].out_refund_no, "");
    assert_int_equal(rows[0].amount_fen, 35000);
    assert_int_equal(rows[0].at, 1767225600);
    assert_int_equal(rows[1].kind, CH_BILL_REFUND);
    assert_string_equal(rows[1].out_refund_no, "R1");
    assert_int_equal(rows[1].amount_fen, 10000);
    assert_int_equal(ch_alipay_read_bill_text(a, NULL, BILL_HEAD, &rows, &n), CH_OK);
    assert_int_equal(n, 0);
}

static void bill_text_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "#nothing but remarks\n",
        "支付宝交易号,商户订单号,业务类型,完成时间,订单金额（元）\n",
        BILL_HEAD "2026,T1,交易,数字证书, 一年,2026-01-01 07:59:00,2026-01-01 08:00:00,350.00,350.00,,\n",
        BILL_HEAD "2026,T1,转账,数字证书,2026-01-01 07:59:00,2026-01-01 08:00:00,350.00,350.00,,\n",
        BILL_HEAD "2026,T1,交易,数字证书,2026-01-01 07:59:00,2026-01-01 08:00:00,-350.00,350.00,,\n",
        BILL_HEAD "2026,T1,交易,数字证书,2026-01-01 07:59:00,2026/01/01 08:00,350.00,350.00,,\n",
        BILL_HEAD "2026,,交易,数字证书,2026-01-01 07:59:00,2026-01-01 08:00:00,350.00,350.00,,\n",
        BILL_HEAD "2026,T1,退款,数字证书,2026-01-01 07:59:00,2026-01-01 08:00:00,-350.00,350.00,,\n",
        BILL_HEAD "2026,T1\n",
    };
    const struct ch_bill_row *rows;
    size_t n;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(ch_alipay_read_bill_text(a, NULL, bad[i], &rows, &n), CH_E_MALFORMED);
}

/* A ZIP of these files in GBK, names included; ended by NULL. */
static struct ch_bytes zip_of(const char *const files[][2])
{
    zip_error_t error;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *z = zip_open_from_source(whole, ZIP_TRUNCATE, &error);
    zip_stat_t st;

    assert_non_null(z);
    zip_source_keep(whole);
    for (size_t i = 0; files[i][0] != NULL; i++) {
        struct ch_bytes name, text;
        assert_true(ch_alipay_utf8_to_gbk(a, files[i][0], &name));
        assert_true(ch_alipay_utf8_to_gbk(a, files[i][1], &text));
        zip_source_t *s = zip_source_buffer(z, text.p, text.n, 0);
        assert_true(zip_file_add(z, ch_strndup(a, name.p, name.n), s, ZIP_FL_ENC_CP437) >= 0);
    }
    assert_int_equal(zip_close(z), 0);
    assert_int_equal(zip_source_open(whole), 0);
    assert_int_equal(zip_source_stat(whole, &st), 0);
    unsigned char *p = ch_alloc(a, st.size);
    assert_int_equal(zip_source_read(whole, p, st.size), st.size);
    zip_source_close(whole);
    zip_source_free(whole);
    return CH_BYTES(p, st.size);
}

static void bill_zip(void **state)
{
    static const char *const files[][2] = {{"20880000_20260101_业务明细(汇总).csv", "#汇总\n"},
                                           {"20880000_20260101_业务明细.csv", "#账务\n" BILL_HEAD BILL_PAID BILL_BACK},
                                           {NULL, NULL}};
    struct ch_bytes zip = zip_of(files);
    const struct ch_bill_row *rows;
    size_t n;

    (void)state;
    assert_int_equal(ch_alipay_read_bill(a, NULL, zip, &rows, &n), CH_OK);
    assert_int_equal(n, 2);
    assert_string_equal(rows[1].out_refund_no, "R1");
    for (size_t cut = 0; cut < zip.n; cut += 41)
        assert_int_equal(ch_alipay_read_bill(a, NULL, CH_BYTES(zip.p, cut), &rows, &n), CH_E_MALFORMED);
}

static void bill_zip_refused(void **state)
{
    static const char *const sums[][2] = {{"x_业务明细(汇总).csv", BILL_HEAD BILL_PAID}, {NULL, NULL}};
    static const char *const two[][2] = {{"1_业务明细.csv", BILL_HEAD}, {"2_业务明细.csv", BILL_HEAD}, {NULL, NULL}};
    const struct ch_bill_row *rows;
    size_t n;

    (void)state;
    assert_int_equal(ch_alipay_read_bill(a, NULL, zip_of(sums), &rows, &n), CH_E_MALFORMED);
    assert_int_equal(ch_alipay_read_bill(a, NULL, zip_of(two), &rows, &n), CH_E_MALFORMED);
    assert_int_equal(ch_alipay_read_bill(a, NULL, CH_LIT("<html>"), &rows, &n), CH_E_MALFORMED);
    assert_null(ch_alipay_gbk_to_utf8(a, CH_LIT("\xff\xff")));
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    key = ch_key_public_pem(CH_LIT(public_key));
    pair = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    return key == NULL || pair == NULL;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    EVP_PKEY_free(pair);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_text),
        cmocka_unit_test(signs_as_it_verifies),
        cmocka_unit_test(forms),
        cmocka_unit_test(forms_refused),
        cmocka_unit_test(node_extent),
        cmocka_unit_test(answer_of_a_vector),
        cmocka_unit_test(outcomes),
        cmocka_unit_test(answers_not_believed),
        cmocka_unit_test(amounts_and_times),
        cmocka_unit_test(notice_of_a_payment),
        cmocka_unit_test(notice_of_a_refund),
        cmocka_unit_test(notices_that_are_neither),
        cmocka_unit_test(bill_text),
        cmocka_unit_test(bill_text_refused),
        cmocka_unit_test(bill_zip),
        cmocka_unit_test(bill_zip_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
