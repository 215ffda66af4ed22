/* SPDX-License-Identifier: Apache-2.0
 * SF Express: the published digests, Java's URL encoding, answers, waybills and routes. */
#include "core/gateway/sf/sf.h"
#include "core/gateway/sf/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGE "{\"language\":\"zh-CN\",\"orderId\":\"QIAO-20200618-004\"}"
#define TIMESTAMP "12312334453453"
#define CHECKWORD "fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci"

static struct ch_arena *a;

static const struct {
    enum ch_sf_digest how;
    const char *word, *digest;
} published[] = {
    {CH_SF_STANDARD_MD5, "standard_md5", "IIKJtuLVzoFTu4kHI8M8vA=="},
    {CH_SF_SIMPLE_MD5, "simple_md5", "OwYXm3XG9fjHK7A+/t7Ckw=="},
    {CH_SF_SM3, "sm3", "b05d21124eb6aedb3c6c99b1a37f9fc9a23a9898cb6a4b5df00d4402bda9081f"},
};

static void digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < CH_COUNT(published); i++) {
        assert_int_equal(ch_sf_digest_of(published[i].word), published[i].how);
        assert_string_equal(ch_sf_sign(a, published[i].how, CH_LIT(MESSAGE), TIMESTAMP, CHECKWORD), published[i].digest);
    }
    assert_int_equal(ch_sf_digest_of("md5"), CH_SF_NONE);
    assert_int_equal(ch_sf_digest_of(""), CH_SF_NONE);
}

static void every_byte_counts(void **state)
{
    char changed[sizeof MESSAGE];

    (void)state;
    for (size_t k = 0; k < CH_COUNT(published); k++) {
        for (size_t i = 0; i < sizeof MESSAGE - 1; i += 5) {
            memcpy(changed, MESSAGE, sizeof changed);
            changed[i] ^= 1;
            assert_string_not_equal(ch_sf_sign(a, published[k].how, CH_LIT(changed), TIMESTAMP, CHECKWORD),
                                    published[k].digest);
        }
        assert_string_not_equal(ch_sf_sign(a, published[k].how, CH_LIT(MESSAGE), "12312334453454", CHECKWORD),
                                published[k].digest);
        assert_string_not_equal(ch_sf_sign(a, published[k].how, CH_LIT(MESSAGE), TIMESTAMP, "fjcg"), published[k].digest);
    }
}

static void java_encoding(void **state)
{
    (void)state;
    assert_string_equal(ch_sf_urlencode(a, CH_LIT("中 *~+")), "%E4%B8%AD+*%7E%2B");
    assert_string_equal(ch_sf_urlencode(a, CH_LIT("aZ09-._*")), "aZ09-._*");
    assert_string_equal(ch_sf_urlencode(a, CH_LIT("{\"a\":'b'}!()/")), "%7B%22a%22%3A%27b%27%7D%21%28%29%2F");
    assert_string_equal(ch_sf_urlencode(a, CH_LIT("\xff\n")), "%FF%0A");
    assert_string_equal(ch_sf_urlencode(a, CH_LIT("")), "");
}

static struct ch_answer answer_to(const char *text, const struct ch_json **data)
{
    return ch_sf_answer(a, 200, CH_BYTES(text, strlen(text)), data);
}

static void answers(void **state)
{
    const struct ch_json *data;

    (void)state;
    struct ch_answer x =
        answer_to("{\"apiResultCode\":\"A1000\",\"apiErrorMsg\":\"\",\"apiResponseID\":\"R1\",\"apiResultData\":"
                  "\"{\\\"success\\\":true,\\\"errorCode\\\":\\\"S0000\\\",\\\"msgData\\\":{\\\"orderId\\\":"
                  "\\\"O1\\\"}}\"}",
                  &data);
    assert_int_equal(x.outcome, CH_ACCEPTED);
    assert_string_equal(x.request_id, "R1");
    assert_string_equal(ch_json_text(data, "orderId"), "O1");
    x = answer_to("{\"apiResultCode\":\"A1000\",\"apiResultData\":"
                  "\"{\\\"success\\\":false,\\\"errorCode\\\":\\\"8016\\\",\\\"errorMsg\\\":\\\"重复下单\\\"}\"}",
                  &data);
    assert_int_equal(x.outcome, CH_REFUSED);
    assert_string_equal(x.code, "8016");
    assert_string_equal(x.message, "重复下单");
    assert_null(data);
    static const struct {
        const char *code;
        enum ch_outcome outcome;
    } gateway[] = {{"A1001", CH_REFUSED}, {"A1002", CH_UNKNOWN}, {"A1003", CH_REFUSED}, {"A1004", CH_REFUSED},
                   {"A1005", CH_UNKNOWN}, {"A1006", CH_REFUSED}, {"A1009", CH_UNKNOWN}, {"A1099", CH_UNKNOWN}};
    for (size_t i = 0; i < CH_COUNT(gateway); i++) {
        x = answer_to(ch_printf(a, "{\"apiResultCode\":\"%s\",\"apiErrorMsg\":\"no\"}", gateway[i].code), &data);
        assert_int_equal(x.outcome, gateway[i].outcome);
        assert_string_equal(x.code, gateway[i].code);
    }
    static const char *const bad[] = {
        "",
        "busy",
        "[]",
        "{}",
        "{\"apiResultCode\":\"A1000\"}",
        "{\"apiResultCode\":\"A1000\",\"apiResultData\":\"{\"}",
        "{\"apiResultCode\":\"A1000\",\"apiResultData\":\"{}\"}",
        "{\"apiResultCode\":\"A1000\",\"apiResultData\":{\"success\":\"true\"}}",
    };
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(answer_to(bad[i], &data).outcome, CH_UNKNOWN);
    assert_int_equal(ch_sf_answer(a, 500, CH_LIT("{\"apiResultCode\":\"A1004\"}"), &data).outcome, CH_UNKNOWN);
}

static const struct ch_json *tree(const char *text)
{
    struct ch_json *root;
    assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &root, NULL), CH_JSON_OK);
    return root;
}

static void waybills(void **state)
{
    struct ch_answer x = {CH_ACCEPTED, "S0000", "", ""};
    struct ch_waybill w;

    (void)state;
    ch_sf_read_waybill(tree("{\"filterResult\":2,\"waybillNoInfoList\":[{\"waybillType\":3,\"waybillNo\":\"SF9\"},"
                            "{\"waybillType\":1,\"waybillNo\":\"SF1\"}]}"),
                       &x, &w);
    assert_string_equal(w.number, "SF1");
    assert_int_equal(x.outcome, CH_ACCEPTED);
    ch_sf_read_waybill(tree("{\"filterResult\":1}"), &x, &w);
    assert_string_equal(w.number, "");
    assert_int_equal(x.outcome, CH_ACCEPTED);
    ch_sf_read_waybill(NULL, &x, &w);
    assert_string_equal(w.number, "");
    ch_sf_read_waybill(tree("{\"filterResult\":\"3\",\"remark\":\"收方超范围\",\"waybillNoInfoList\":null}"), &x, &w);
    assert_int_equal(x.outcome, CH_REFUSED);
    assert_string_equal(x.code, "undeliverable");
    assert_string_equal(x.message, "收方超范围");
}

static void routes(void **state)
{
    struct ch_routes r;

    (void)state;
    ch_sf_read_routes(a,
                      tree("{\"routeResps\":[{\"mailNo\":\"SF1\",\"routes\":["
                           "{\"acceptTime\":\"2026-01-02 10:00:00\",\"remark\":\"已签收\",\"opCode\":\"80\"},"
                           "{\"acceptTime\":\"2026-01-01 08:00:00\",\"acceptAddress\":\"深圳市\",\"remark\":\"已收取快件\","
                           "\"opCode\":\"50\"},"
                           "{\"acceptTime\":\"2026-01-02 08:00:00\",\"remark\":\"正在派送\",\"opCode\":\"44\"},"
                           "{\"acceptTime\":\"2026-01-01 20:00:00\",\"remark\":\"运输中\",\"opCode\":30},"
                           "{\"acceptTime\":\"2026-01-02 09:00:00\",\"remark\":\"客户不在\",\"opCode\":\"70\"}]}]}"),
                      &r);
    static const enum ch_route_state states[] = {CH_ROUTE_COLLECTED, CH_ROUTE_MOVING, CH_ROUTE_DELIVERING,
                                                 CH_ROUTE_OTHER, CH_ROUTE_SIGNED};
    assert_int_equal(r.n, CH_COUNT(states));
    for (size_t i = 0; i < r.n; i++)
        assert_int_equal(r.steps[i].state, states[i]);
    assert_int_equal(r.steps[0].time, 1767225600); /* midnight of Greenwich */
    assert_string_equal(r.steps[0].place, "深圳市");
    assert_string_equal(r.steps[1].place, "");
    static const char *const none[] = {"{}", "{\"routeResps\":[]}", "{\"routeResps\":[{\"routes\":[]}]}",
                                       "{\"routeResps\":{\"routes\":[1]}}", "{\"routeResps\":[{\"routes\":{\"a\":1}}]}"};
    for (size_t i = 0; i < CH_COUNT(none); i++) {
        ch_sf_read_routes(a, tree(none[i]), &r);
        assert_int_equal(r.n, 0);
    }
    ch_sf_read_routes(a, tree("{\"routeResps\":[{\"routes\":[null,{\"acceptTime\":\"yesterday\"}]}]}"), &r);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.steps[1].time, 0);
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
        cmocka_unit_test(digests), cmocka_unit_test(every_byte_counts), cmocka_unit_test(java_encoding),
        cmocka_unit_test(answers), cmocka_unit_test(waybills),          cmocka_unit_test(routes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
