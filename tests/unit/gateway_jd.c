/* SPDX-License-Identifier: Apache-2.0
 * JD Logistics: the signature, answers and traces. */
#include "core/gateway/jd/jd.h"
#include "core/gateway/jd/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SIGN "539b55170fb5f2d04624d7fbfc97934d"

static struct ch_arena *a;

static const struct ch_jd_signed example = {
    "KEY", "TOK", "/ecap/v1/orders/create", "2026-01-01 00:00:00", {(const unsigned char *)"[{\"a\":1}]", 9}};

static void signature(void **state)
{
    (void)state;
    assert_string_equal(ch_jd_sign(a, "SECRET", &example), SIGN);
}

static void every_part_counts(void **state)
{
    struct ch_jd_signed s[5];

    (void)state;
    for (size_t i = 0; i < CH_COUNT(s); i++)
        s[i] = example;
    s[0].app_key = "KEZ";
    s[1].access_token = "TOL";
    s[2].path = "/ecap/v1/orders/cancel";
    s[3].timestamp = "2026-01-01 00:00:01";
    s[4].body = CH_LIT("[{\"a\":2}]");
    for (size_t i = 0; i < CH_COUNT(s); i++)
        assert_string_not_equal(ch_jd_sign(a, "SECRET", &s[i]), SIGN);
    assert_string_not_equal(ch_jd_sign(a, "SECRES", &example), SIGN);
}

static struct ch_answer answer_to(long status, const char *text, const struct ch_json **data)
{
    return ch_jd_answer(a, status, CH_BYTES(text, strlen(text)), data);
}

static void answers(void **state)
{
    const struct ch_json *data;

    (void)state;
    struct ch_answer x = answer_to(200, "{\"code\":0,\"requestId\":\"R1\",\"data\":{\"waybillCode\":\"JDVA1\"}}", &data);
    assert_int_equal(x.outcome, CH_ACCEPTED);
    assert_string_equal(x.request_id, "R1");
    assert_string_equal(ch_json_text(data, "waybillCode"), "JDVA1");
    x = answer_to(200, "{\"code\":1010,\"msg\":\"地址超区\"}", &data);
    assert_int_equal(x.outcome, CH_REFUSED);
    assert_string_equal(x.code, "1010");
    assert_string_equal(x.message, "地址超区");
    assert_null(data);
    x = answer_to(200, "{\"error_response\":{\"code\":19,\"zh_desc\":\"token 已过期\"}}", &data);
    assert_int_equal(x.outcome, CH_UNKNOWN);
    assert_string_equal(x.message, "token 已过期");
    assert_int_equal(answer_to(429, "{\"code\":7}", &data).outcome, CH_UNKNOWN);
    assert_int_equal(answer_to(400, "{\"code\":0}", &data).outcome, CH_REFUSED);
    static const char *const bad[] = {"", "busy", "[]", "{}", "{\"code\":null}", "{\"code\":[0]}"};
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_int_equal(answer_to(200, bad[i], &data).outcome, CH_UNKNOWN);
    assert_int_equal(answer_to(503, "{\"code\":0}", &data).outcome, CH_UNKNOWN);
}

static void traces(void **state)
{
    static const struct {
        const char *name;
        enum ch_route_state state;
    } names[] = {{"已揽收", CH_ROUTE_COLLECTED}, {"运输中", CH_ROUTE_MOVING}, {"派送中", CH_ROUTE_DELIVERING},
                 {"已签收", CH_ROUTE_SIGNED},    {"妥投", CH_ROUTE_SIGNED},   {"待揽收", CH_ROUTE_OTHER},
                 {"拒收", CH_ROUTE_OTHER},       {"未妥投", CH_ROUTE_OTHER},  {"已取消", CH_ROUTE_OTHER}};
    struct ch_json *root;
    struct ch_routes r;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(names); i++) {
        const char *text = ch_printf(a,
                                     "{\"traceDetails\":[{\"operationTime\":\"2026-01-01 08:00:00\",\"operationRemark\":"
                                     "\"…\",\"categoryName\":\"%s\"}]}",
                                     names[i].name);
        assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &root, NULL), CH_JSON_OK);
        ch_jd_read_routes(a, root, &r);
        assert_int_equal(r.n, 1);
        assert_int_equal(r.steps[0].state, names[i].state);
        assert_int_equal(r.steps[0].time, 1767225600);
    }
    ch_jd_read_routes(a, NULL, &r);
    assert_int_equal(r.n, 0);
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
        cmocka_unit_test(signature),
        cmocka_unit_test(every_part_counts),
        cmocka_unit_test(answers),
        cmocka_unit_test(traces),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
