/* SPDX-License-Identifier: Apache-2.0
 * Delivery reports of short messages: the sample of "SMS delivery status notification", and what is no report. */
#include "core/base/clock.h"
#include "core/gateway/tencent/sms_report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static bool reads(const char *body, struct ch_sms_reports *out)
{
    return ch_sms_report_read(a, CH_BYTES(body, strlen(body)), out);
}

static void delivered_and_not(void **state)
{
    struct ch_sms_reports r;

    (void)state;
    assert_true(reads("[{\"user_receive_time\":\"2015-10-17 08:03:04\",\"nationcode\":\"86\",\"mobile\":\"13xxxxxxxxx\","
                      "\"report_status\":\"SUCCESS\",\"errmsg\":\"DELIVRD\",\"description\":\"用户短信送达成功\","
                      "\"sid\":\"8:K6BcvEg3Cx\",\"session_context\":\"x\",\"ext\":{\"a\":[1]}},"
                      "{\"sid\":\"2\",\"report_status\":\"FAIL\",\"errmsg\":\"MK:0001\"}]",
                      &r));
    assert_int_equal(r.n, 2);
    assert_true(r.rows[0].delivered);
    assert_string_equal(r.rows[0].serial, "8:K6BcvEg3Cx");
    assert_string_equal(r.rows[0].mobile, "13xxxxxxxxx");
    assert_string_equal(r.rows[0].error, "DELIVRD");
    assert_string_equal(r.rows[0].description, "用户短信送达成功");
    assert_int_equal(r.rows[0].at, ch_parse_rfc3339("2015-10-17T08:03:04+08:00"));
    assert_false(r.rows[1].delivered);
    assert_string_equal(r.rows[1].error, "MK:0001");
    assert_string_equal(r.rows[1].mobile, "");
    assert_int_equal(r.rows[1].at, 0);
}

static void nothing_to_report(void **state)
{
    struct ch_sms_reports r;

    (void)state;
    assert_true(reads("[]", &r));
    assert_int_equal(r.n, 0);
}

static void no_reports(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "null",
        "[1]",
        "[{}]",
        "[{\"sid\":\"1\"}]",
        "[{\"report_status\":\"SUCCESS\"}]",
        "[{\"sid\":\"\",\"report_status\":\"SUCCESS\"}]",
        "[{\"sid\":1,\"report_status\":\"SUCCESS\"}]",
        "[{\"sid\":\"1\",\"report_status\":\"success\"}]",
        "[{\"sid\":\"1\",\"report_status\":\"SUCCESS\"},{\"sid\":\"2\"}]",
        "[{\"sid\":\"1\",\"sid\":\"2\",\"report_status\":\"SUCCESS\"}]",
        "[{\"sid\":\"1\",\"report_status\":\"SUCCESS\"}",
    };
    struct ch_sms_reports r;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bodies); i++) {
        assert_false(reads(bodies[i], &r));
        assert_int_equal(r.n, 0);
    }
}

static void bounds(void **state)
{
    const char *one = "{\"sid\":\"1\",\"report_status\":\"FAIL\"}";
    struct ch_sms_reports r;
    char long_text[301];

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_true(reads(ch_printf(a, "[{\"sid\":\"1\",\"report_status\":\"FAIL\",\"description\":\"%s\"}]", long_text), &r));
    assert_string_equal(r.rows[0].description, "");
    assert_false(reads(ch_printf(a, "[{\"sid\":\"%s\",\"report_status\":\"FAIL\"}]", long_text), &r));
    size_t n = strlen(one), most = CH_SMS_MAX_REPORTS;
    char *body = ch_alloc(a, (n + 1) * (most + 1) + 3), *p = body;
    *p++ = '[';
    for (size_t i = 0; i < most; i++, p += n + 1)
        memcpy(p, ch_printf(a, "%s,", one), n + 1);
    p[-1] = ']';
    assert_true(reads(body, &r));
    assert_int_equal(r.n, most);
    p[-1] = ',';
    memcpy(p, ch_printf(a, "%s]", one), n + 1);
    assert_false(reads(body, &r));
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
        cmocka_unit_test(delivered_and_not),
        cmocka_unit_test(nothing_to_report),
        cmocka_unit_test(no_reports),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
