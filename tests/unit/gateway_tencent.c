/* SPDX-License-Identifier: Apache-2.0
 * Tencent Cloud: the worked example of "Signature v3" on cloud.tencent.com, and how answers are told apart. */
#include "core/gateway/tencent/tc3.h"
#include "core/gateway/tencent/tencent.h"
#include "core/crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

static struct ch_tc3 example(void)
{
    return (struct ch_tc3){
        .secret_id = "AKID********************************",
        .secret_key = "********************************",
        .service = "cvm",
        .timestamp = 1551113065,
        .headers = {{"content-type", "application/json; charset=utf-8"},
                    {"host", "cvm.tencentcloudapi.com"},
                    {"x-tc-action", " DescribeInstances "}},
        .payload =
            CH_LIT("{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": \"instance-name\"}]}"),
    };
}

static void published_example(void **state)
{
    struct ch_tc3 t = example();

    (void)state;
    assert_string_equal(ch_sha256_hex(a, t.payload), "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064");
    const char *canonical = ch_tc3_canonical_request(a, &t);
    assert_string_equal(ch_sha256_hex(a, CH_BYTES(canonical, strlen(canonical))),
                        "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84");
    assert_string_equal(ch_tc3_signature(a, &t), "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f");
}

static void every_part_counts(void **state)
{
    struct ch_tc3 t = example();
    const char *right = ch_tc3_signature(a, &t);

    (void)state;
    t.timestamp++;
    assert_string_not_equal(ch_tc3_signature(a, &t), right);
    t = example();
    t.service = "sms";
    assert_string_not_equal(ch_tc3_signature(a, &t), right);
    t = example();
    t.payload.n--;
    assert_string_not_equal(ch_tc3_signature(a, &t), right);
    t = example();
    t.headers[2].name = NULL;
    assert_string_not_equal(ch_tc3_signature(a, &t), right);
}

static void authorization_both_ways(void **state)
{
    struct ch_tc3 t = example();
    struct ch_tc3_credential c;

    (void)state;
    assert_true(ch_tc3_read_authorization(a, ch_tc3_authorization(a, &t), &c));
    assert_string_equal(c.secret_id, t.secret_id);
    assert_string_equal(c.date, "2019-02-25");
    assert_string_equal(c.service, "cvm");
    assert_string_equal(c.signed_headers, "content-type;host;x-tc-action");
    assert_string_equal(c.signature, ch_tc3_signature(a, &t));
    assert_false(ch_tc3_read_authorization(a, "", &c));
    assert_false(ch_tc3_read_authorization(a, "TC3-HMAC-SHA256 Credential=x", &c));
    assert_false(
        ch_tc3_read_authorization(a, "TC3-HMAC-SHA256 Credential=x/2019-02-25/cvm/tc3_request, SignedHeaders=host", &c));
    assert_false(ch_tc3_read_authorization(
        a, "TC2-HMAC-SHA256 Credential=x/2019-02-25/cvm/tc3_request, SignedHeaders=host, Signature=0", &c));
}

static struct ch_answer answer(const char *text)
{
    const struct ch_json *response;
    return ch_tencent_answer(a, CH_BYTES(text, strlen(text)), &response);
}

static void answers(void **state)
{
    (void)state;
    assert_int_equal(answer("{\"Response\":{\"RequestId\":\"r\"}}").outcome, CH_ACCEPTED);
    assert_string_equal(answer("{\"Response\":{\"RequestId\":\"r\"}}").request_id, "r");
    struct ch_answer no =
        answer("{\"Response\":{\"Error\":{\"Code\":\"FailedOperation.ImageBlur\",\"Message\":\"m\"},\"RequestId\":\"r\"}}");
    assert_int_equal(no.outcome, CH_REFUSED);
    assert_string_equal(no.code, "FailedOperation.ImageBlur");
    /* An error of our account is not a mistake of the person. */
    assert_int_equal(answer("{\"Response\":{\"Error\":{\"Code\":\"AuthFailure.SignatureFailure\"}}}").outcome, CH_UNKNOWN);
    assert_int_equal(answer("{\"Response\":{\"Error\":{\"Code\":\"ResourceUnavailable.InArrears\"}}}").outcome, CH_UNKNOWN);
    assert_int_equal(answer("{\"Response\":{\"Error\":{\"Code\":\"AuthFailureNot\"}}}").outcome, CH_REFUSED);
    assert_int_equal(answer("{\"Response\":{\"Error\":{\"Code\":\"InternalError.Timeout\"}}}").outcome, CH_UNKNOWN);
    assert_int_equal(answer("{\"Response\":{\"Error\":{\"Code\":\"RequestLimitExceeded\"}}}").outcome, CH_UNKNOWN);
    assert_int_equal(answer("{\"Response\":{\"Error\":{}}}").outcome, CH_UNKNOWN);
    assert_int_equal(answer("{}").outcome, CH_UNKNOWN);
    assert_int_equal(answer("<html>502</html>").outcome, CH_UNKNOWN);
    assert_int_equal(answer("").outcome, CH_UNKNOWN);
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
        cmocka_unit_test(published_example),
        cmocka_unit_test(every_part_counts),
        cmocka_unit_test(authorization_both_ways),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
