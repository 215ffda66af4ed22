/* SPDX-License-Identifier: Apache-2.0
 * WeChat Pay API v3: vectors made with node and openssl under a key that was thrown away, and everything that must be
 * refused. */
#include "core/base/clock.h"
#include "core/base/codec.h"
#include "core/crypto/sign.h"
#include "core/gateway/wechatpay/sign.h"
#include "core/gateway/wechatpay/wechatpay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define V3KEY "0123456789abcdef0123456789abcdef"
#define NOW 1767225600

static struct ch_arena *a;
static EVP_PKEY *key;

static const char public_key[] =
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAy+2lI4qHF9LP3CMBgOH0\n/CeRUI"
    "75mNB2nUMKIP0gvSYstdlel3Vq1x6OTyRan+mCNZVJmfWaHtSrsMt5LxDd\ngrZGWQC97LFA0KU+rRdIqqEjE46d+jRUAOsI+R6/"
    "m0h+LVobnWo/ZvG8oxt/KelP\n44ZBnHM088u7OsIT51nKqE9OGjnhHP3c2qckCSjKW+OyAdgtmUCQMMZyuY3bxwOc\nxWG1YhmP"
    "/5PLbMo6F5XdkuRx2m/F/Eo3RCDxH5yXZWOY7pkIMcOtKbY34FAkXQwQ\n8BHyhcaKreDwUSJ1MvNOdcpdeqTETTH3SVZtyJFYQX"
    "23M7X7BV4n0wXDNBS9K7eG\nrwIDAQAB\n-----END PUBLIC KEY-----\n";

static const char request_signature[] =
    "KJMSkhQyl8hlWy37UlXoL6xGvi/Vhc5J3RfsJugpoRzxyhXLCFh896+1ko2gMMNcZhnX6YxfgyljlgI0xyCNXGeaiUmm4O0sRoIi"
    "lkpvf6Im7ULXDNHXQVHMB++4d0dVWMFHoJOQlxlwgzx8XhgQu0EYXL/Ee/tNqo1Zd9ulH+SxvvSu6vmihwc1DjN21ZAc4jEkJ/op"
    "cjWe9gedE/PF7tjAprJ+A5yjG/fqZMZ9mx2GEwGrDcw4OwDPHARZV7Jtbm6exQA7P62S/Ag8bOtRh8z6/I3WmX4hVIpYK6MLLUca"
    "wi5FwdBBz/VYz1vpb6xiK/eqzOvmLoaidsXlZQ7VTw==";

static const char empty_signature[] =
    "oZmdfh0rE7p2bYm10elf+EA+V18Uyp7sI/BjA3XuNuJoEsFD9veRYEKCYNfCmjlBqKgHiYyp0y51EDx1UTJvCNkAnwKkSpXHb4jA"
    "/dkswWbTJFmMMR13FmmeZy9c7Jt0Guwm4505L/fck7G9KP8AKDEpMGo14d83BMOZfiZ+Fbbijbfkg3x+UgVjitnp7ECyBA33Juaa"
    "UDPERkvE9dLPfnue+4bVIocLZnRr0/zdq8JzH9tPdC0FmVWS3qZqYcBmtnA2OfBDoP7o5WXgMzwKivgWt1ctGzPJFhuuhUG1oTIy"
    "CPeER1BjYA6XpyCuPtKwjteQ3eSU7n1G1P6bvEvqWg==";

static const char notice_body[] =
    "{\"id\":\"EV-2026010100000001\",\"create_time\":\"2026-01-01T08:00:00+08:00\",\"resource_type\":\"en"
    "crypt-resource\",\"event_type\":\"TRANSACTION.SUCCESS\",\"summary\":\"支付成功\",\"resource\":{\"origina"
    "l_type\":\"transaction\",\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"Eu6k3KOMCfFZPsMoOqloD2w"
    "AiyabrE06bs5X+PBm7J0U+JDMHmTCk3pKoJA+o7ftr3eQltQrAqSqjS4pyfLmKu7Jq5nIwFR7NWgzWRlY1A3KxMlYiutVaL8iEbF"
    "V1hVb7uaXmMOKfjyQ/1ivSoBQnjmKzmgbY0FLzxSnY4h8fTrhKRQhK4sc1aoH2H6Hdb3KrtZpvZ6JC1Pm2/ql2IZ+H6eMSedy2s/"
    "tyBhAAzfzxWabbjNw4P+xzWOQxbKfMvjrmGUbVr8lijnhGRZp2KNmURS8HPbSvPMLCdVt0KevyGn5GygyTBhhSE34PADgpv/dN3A"
    "HEpX9EcfguEbTU3ht/qdumpjOuWm7HhqUoir6ya3QtTjG7Jeq3QHenXwftoBrMPAvB7jY3XCWe3jqPx5byF8GKda9muEYctJc1Zo"
    "eqCr239Li3ApVo1i/C4+AxkvH+FfQ5E4Jf1sUyY68kqgl9iyWUIeaZFNyol64kf20rfAjC/keMeIoO+/K6On5nyvGWhmNni/lpXf"
    "72IpkiuNmSR8pAI9HtXAIbm5JniLU4aFFHcX4FLd6brAT+3M=\",\"associated_data\":\"transaction\",\"nonce\":\""
    "abcdefghijkl\"}}";

static const char notice_signature[] =
    "ywmiLmbmFvfn/rO5KRsWUWXEaY51SSDqi94xH/Ri+tnoUuoHd7QJ5ByFyv3hybOH6bCtUZhWY7ccbuYBggHWsSAdwmhb2BucaNAm"
    "BmOhhXAlQmVVzvBPLR4t/rSazKcRWrJEccvpq+YQFK2VKwaVvDKAInF2fh1SZLiuZpJ3oph4rXjPk8nYhUlqOZT3Zf88dl+KC+1j"
    "AzZFDMxfSKJvpfa0FRnPW8zbb9iTgKoCd4jk6zjuzPGctDjKhoc4qag6fJOm4krzkNxtqeqEx+nRIswbSugVg854ggC9cmxgO0ut"
    "87pltn5kZP95hxq3FzylmnnDF/ArKXtp+hMAl2kmGw==";

static void request_text(void **state)
{
    (void)state;
    const char *text =
        ch_wechatpay_request_text(a, "POST", "/v3/pay/transactions/native", "1767225600",
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", CH_LIT("{\"description\":\"数字证书\"}"));
    assert_true(ch_wechatpay_verify(a, key, text, request_signature));
    assert_string_equal(ch_wechatpay_request_text(a, "GET", "/x?y=1", "1", "n", CH_BYTES(NULL, 0)), "GET\n/x?y=1\n1\nn\n\n");
}

static void request_to_the_app(void **state)
{
    (void)state;
    assert_string_equal(ch_wechatpay_pay_text(a, "wx1", "1767225600", "n", "prepay_id=wx2"),
                        "wx1\n1767225600\nn\nprepay_id=wx2\n");
}

static struct ch_answer read_openid(const char *text, const char **openid)
{
    return ch_wechatpay_read_openid(a, 200, CH_BYTES(text, strlen(text)), openid);
}

static void whose_a_code_is(void **state)
{
    (void)state;
    const char *openid;

    assert_int_equal(read_openid("{\"access_token\":\"t\",\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\"}", &openid).outcome,
                     CH_ACCEPTED);
    assert_string_equal(openid, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
    static const char *const refused[] = {"40029", "40163", "42003"}, *const unknown[] = {"-1", "40013", "40125", "45011"};
    for (size_t i = 0; i < CH_COUNT(refused); i++) {
        struct ch_answer said = read_openid(ch_printf(a, "{\"errcode\":%s,\"errmsg\":\"no\"}", refused[i]), &openid);
        assert_int_equal(said.outcome, CH_REFUSED);
        assert_string_equal(said.code, refused[i]);
        assert_null(openid);
    }
    for (size_t i = 0; i < CH_COUNT(unknown); i++)
        assert_int_equal(read_openid(ch_printf(a, "{\"errcode\":%s,\"errmsg\":\"no\"}", unknown[i]), &openid).outcome,
                         CH_UNKNOWN);
    static const char *const broken[] = {
        "", "[]", "{}", "{\"openid\":\"\"}", "{\"openid\":7}", "{\"openid\":\"o\\n\"}", "<html>", "{\"errcode\":40029,\"openid\":\"o\"}"};
    for (size_t i = 0; i < CH_COUNT(broken); i++) {
        assert_int_not_equal(read_openid(broken[i], &openid).outcome, CH_ACCEPTED);
        assert_null(openid);
    }
    assert_int_equal(ch_wechatpay_read_openid(a, 502, CH_LIT("{\"openid\":\"o\"}"), &openid).outcome, CH_UNKNOWN);
}

static void answer_without_body(void **state)
{
    (void)state;
    const char *text = ch_wechatpay_answer_text(a, "1767225600", "nonce0123456789", CH_BYTES(NULL, 0));
    assert_string_equal(text, "1767225600\nnonce0123456789\n\n");
    assert_true(ch_wechatpay_verify(a, key, text, empty_signature));
    assert_false(ch_wechatpay_verify(a, key, text, notice_signature));
    assert_false(ch_wechatpay_verify(a, key, text, ""));
    assert_false(ch_wechatpay_verify(a, key, text, "WECHATPAY/SIGNTEST/oZmdfh0rE7p2bYm10elf"));
}

static void authorization_both_ways(void **state)
{
    struct ch_wechatpay_credential c = {"1900000109", "NONCE", "1767225600", "7F01", "c2ln+/=="}, back;

    (void)state;
    const char *value = ch_wechatpay_authorization(a, &c);
    assert_string_equal(value, "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000109\",nonce_str=\"NONCE\",timestamp=\"1767225600\","
                               "serial_no=\"7F01\",signature=\"c2ln+/==\"");
    assert_true(ch_wechatpay_read_authorization(a, value, &back));
    assert_string_equal(back.signature, c.signature);
    assert_string_equal(back.serial, c.serial);
    assert_true(ch_wechatpay_read_authorization(
        a, "WECHATPAY2-SHA256-RSA2048 signature=\"s\", serial_no=\"1\",timestamp=\"2\",nonce_str=\"3\",mchid=\"4\"", &back));
    assert_string_equal(back.mchid, "4");
}

static void authorization_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "WECHATPAY2-SHA256-RSA2048",
        "WECHATPAY2-SM2-WITH-SM3 mchid=\"1\",nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\",signature=\"5\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",mchid=\"1\",nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\",signature=\"5\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\",signature=\"5",
        "WECHATPAY2-SHA256-RSA2048 mchid=1,nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\",signature=\"5\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",timestamp=\"3\",serial_no=\"4\",signature=\"5\",x=\"6\"",
    };
    struct ch_wechatpay_credential c;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_wechatpay_read_authorization(a, bad[i], &c));
}

static void time_window(void **state)
{
    (void)state;
    assert_true(ch_wechatpay_in_time("1767225600", NOW));
    assert_true(ch_wechatpay_in_time("1767225600", NOW + 299));
    assert_false(ch_wechatpay_in_time("1767225600", NOW + 300));
    assert_false(ch_wechatpay_in_time("1767225600", NOW - 300));
    assert_false(ch_wechatpay_in_time("", NOW));
    assert_false(ch_wechatpay_in_time("1767225600x", NOW));
    assert_false(ch_wechatpay_in_time("-1767225600", NOW));
    assert_false(ch_wechatpay_in_time("17672256001767225600", NOW));
}

/* design vector: made with node, opened with wechatpay-axios-plugin */
static void resource(void **state)
{
    static const char plain[] = "{\"out_trade_no\":\"T20260101000001\",\"trade_state\":\"SUCCESS\"}";
    static const char encrypted[] =
        "Eu6myr+6GaECeJdOZPZ6BX5liS+Ltl9qLo8OrOJs/ttO5IKIXDWWxhUJ5MF69qXnvAbp9/gbJaj8gs9xaRa1aK9a6l20FnUJUrI=";
    struct ch_bytes out;

    (void)state;
    assert_string_equal(ch_wechatpay_encrypt(a, V3KEY, "abcdefghijkl", "transaction", CH_LIT(plain)), encrypted);
    assert_true(ch_wechatpay_decrypt(a, V3KEY, "abcdefghijkl", "transaction", encrypted, &out));
    assert_string_equal((const char *)out.p, plain);
    assert_false(ch_wechatpay_decrypt(a, V3KEY, "abcdefghijkl", "refund", encrypted, &out));
    assert_false(ch_wechatpay_decrypt(a, V3KEY, "abcdefghijk", "transaction", encrypted, &out));
    assert_false(ch_wechatpay_decrypt(a, "short", "abcdefghijkl", "transaction", encrypted, &out));
}

static struct ch_wechatpay_trust trust(void)
{
    return (struct ch_wechatpay_trust){key, V3KEY, "1900000109", "wx0000000000000001", NOW};
}

static const struct ch_wechatpay_headers headers = {"1767225600", "nonce0123456789", notice_signature, "PUB_KEY_ID_1"};

static void notice_taken(void **state)
{
    struct ch_wechatpay_trust t = trust();
    struct ch_wechatpay_notice n;
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(ch_wechatpay_notice_with(a, &f, &t, &headers, CH_LIT(notice_body), &n), CH_OK);
    assert_true(n.paid);
    assert_int_equal(n.kind, CH_WECHATPAY_ABOUT_PAYMENT);
    assert_string_equal(n.id, "EV-2026010100000001");
    assert_string_equal(n.payment.out_trade_no, "T20260101000001");
    assert_int_equal(n.payment.total_fen, 35000);
    assert_int_equal(n.payment.success_time, ch_parse_rfc3339("2026-01-01T07:59:58+08:00"));
}

static void notice_refused(void **state)
{
    struct ch_wechatpay_notice n;
    char changed[sizeof notice_body];

    (void)state;
    for (size_t i = 0; i < sizeof notice_body - 1; i += 7) {
        struct ch_wechatpay_trust t = trust();
        memcpy(changed, notice_body, sizeof changed);
        changed[i] ^= 1;
        assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &headers, CH_LIT(changed), &n), CH_E_UNAUTHENTICATED);
    }
    struct ch_wechatpay_trust t = trust();
    t.now = NOW + 300;
    assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &headers, CH_LIT(notice_body), &n), CH_E_UNAUTHENTICATED);
    t = trust();
    t.public_key = NULL;
    assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &headers, CH_LIT(notice_body), &n), CH_E_UNAUTHENTICATED);
    t = trust();
    assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &headers, CH_BYTES(NULL, 0), &n), CH_E_UNAUTHENTICATED);
    t.mchid = "1900000110";
    assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &headers, CH_LIT(notice_body), &n), CH_E_FORBIDDEN);
    t = trust();
    t.v3key = "0123456789abcdef0123456789abcdeF";
    assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &headers, CH_LIT(notice_body), &n), CH_E_MALFORMED);
}

/* A notification signed with a key of this test, since that of the vectors was thrown away. */
static enum ch_err notice_of(EVP_PKEY *own, const char *event, const char *plain, struct ch_wechatpay_notice *n)
{
    struct ch_wechatpay_trust t = {own, V3KEY, "1900000109", "wx0000000000000001", NOW};
    const char *body =
        ch_printf(a,
                  "{\"id\":\"EV-1\",\"event_type\":\"%s\",\"resource\":{\"algorithm\":\"AEAD_AES_256_GCM\","
                  "\"nonce\":\"abcdefghijkl\",\"associated_data\":\"refund\",\"ciphertext\":\"%s\"}}",
                  event, ch_wechatpay_encrypt(a, V3KEY, "abcdefghijkl", "refund", CH_BYTES(plain, strlen(plain))));
    struct ch_bytes bytes = CH_BYTES(body, strlen(body));
    const char *signature = ch_wechatpay_sign(a, own, ch_wechatpay_answer_text(a, "1767225600", "nonce", bytes));
    struct ch_wechatpay_headers h = {"1767225600", "nonce", signature, "PUB_KEY_ID_1"};

    return ch_wechatpay_notice_with(a, NULL, &t, &h, bytes, n);
}

#define REFUND(status, amounts) \
    "{\"mchid\":\"1900000109\",\"transaction_id\":\"42\",\"out_trade_no\":\"T1\",\"refund_id\":\"503\",\"out_refund_no\":" \
    "\"R1\",\"refund_status\":\"" status "\",\"success_time\":\"2026-01-01T08:00:00+08:00\",\"user_received_account\":" \
    "\"支付用户零钱\",\"amount\":" amounts "}"
#define AMOUNTS "{\"total\":35000,\"refund\":10000,\"payer_total\":35000,\"payer_refund\":10000}"

static void refund_notices(void **state)
{
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    struct ch_wechatpay_notice n;

    (void)state;
    assert_int_equal(notice_of(own, "REFUND.SUCCESS", REFUND("SUCCESS", AMOUNTS), &n), CH_OK);
    assert_int_equal(n.kind, CH_WECHATPAY_ABOUT_REFUND);
    assert_false(n.paid);
    assert_int_equal(n.refund.state, CH_WECHATPAY_REFUND_SUCCESS);
    assert_string_equal(n.refund.out_refund_no, "R1");
    assert_string_equal(n.refund.out_trade_no, "T1");
    assert_string_equal(n.refund.refund_id, "503");
    assert_string_equal(n.refund.account, "支付用户零钱");
    assert_int_equal(n.refund.refund_fen, 10000);
    assert_int_equal(n.refund.total_fen, 35000);
    assert_int_equal(n.refund.success_time, NOW);
    assert_int_equal(notice_of(own, "REFUND.ABNORMAL", REFUND("ABNORMAL", AMOUNTS), &n), CH_OK);
    assert_int_equal(n.refund.state, CH_WECHATPAY_REFUND_ABNORMAL);
    assert_int_equal(notice_of(own, "REFUND.CLOSED", REFUND("CLOSED", AMOUNTS), &n), CH_OK);
    assert_int_equal(n.refund.state, CH_WECHATPAY_REFUND_CLOSED);
    assert_int_equal(notice_of(own, "REFUND.NEWS", REFUND("SUCCESS", AMOUNTS), &n), CH_OK);
    assert_int_equal(n.kind, CH_WECHATPAY_ABOUT_OTHER);
    assert_false(n.paid);
    EVP_PKEY_free(own);
}

static void refund_notices_refused(void **state)
{
    static const char *const malformed[] = {
        REFUND("SUCCESS", "{\"total\":35000}"),
        REFUND("SUCCESS", "{\"total\":35000,\"refund\":35001}"),
        REFUND("SUCCESS", "{\"total\":35000,\"refund\":0}"),
        REFUND("SUCCESS", "{\"total\":\"35000\",\"refund\":\"1\"}"),
        REFUND("SUCCESS", "{\"total\":35000,\"refund\":10000,\"currency\":\"USD\"}"),
        "{\"mchid\":\"1900000109\",\"refund_status\":\"SUCCESS\",\"amount\":" AMOUNTS "}",
    };
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    struct ch_wechatpay_notice n;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(malformed); i++)
        assert_int_equal(notice_of(own, "REFUND.SUCCESS", malformed[i], &n), CH_E_MALFORMED);
    assert_int_equal(notice_of(own, "REFUND.SUCCESS", "{\"mchid\":\"1900000110\"}", &n), CH_E_FORBIDDEN);
    assert_int_equal(notice_of(own, "TRANSACTION.SUCCESS", REFUND("SUCCESS", AMOUNTS), &n), CH_E_MALFORMED);
    assert_false(n.paid);
    EVP_PKEY_free(own);
}

#define PAYMENT(amount) \
    "{\"mchid\":\"1900000109\",\"appid\":\"wx0000000000000001\",\"out_trade_no\":\"T1\",\"transaction_id\":\"42\"," \
    "\"trade_state\":\"SUCCESS\",\"success_time\":\"2026-01-01T08:00:00+08:00\",\"amount\":" amount "}"

static void only_yuan_are_booked(void **state)
{
    static const char *const foreign[] = {
        PAYMENT("{\"total\":35000,\"currency\":\"USD\"}"), PAYMENT("{\"total\":35000,\"currency\":\"cny\"}"),
        PAYMENT("{\"total\":35000,\"currency\":\"\"}"),    PAYMENT("{\"total\":35000,\"currency\":156}"),
        PAYMENT("{\"total\":35000,\"currency\":null}"),
    };
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    struct ch_wechatpay_notice n;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(foreign); i++) {
        assert_int_equal(notice_of(own, "TRANSACTION.SUCCESS", foreign[i], &n), CH_E_MALFORMED);
        assert_false(n.paid);
    }
    assert_int_equal(notice_of(own, "TRANSACTION.SUCCESS", PAYMENT("{\"total\":35000}"), &n), CH_OK);
    assert_true(n.paid);
    assert_int_equal(notice_of(own, "TRANSACTION.SUCCESS", PAYMENT("{\"total\":35000,\"currency\":\"CNY\"}"), &n), CH_OK);
    assert_true(n.paid);
    EVP_PKEY_free(own);
}

/* WeChat's probes look like base64 and have the length of a signature, but are never valid. */
static void probes_fail(void **state)
{
    struct ch_wechatpay_trust t = trust();
    struct ch_wechatpay_headers h = headers;
    struct ch_wechatpay_notice n;

    (void)state;
    h.signature = ch_printf(a, "WECHATPAY/SIGNTEST/%s", notice_signature + sizeof "WECHATPAY/SIGNTEST/" - 1);
    assert_int_equal(strlen(h.signature), strlen(notice_signature));
    assert_int_equal(ch_wechatpay_notice_with(a, NULL, &t, &h, CH_LIT(notice_body), &n), CH_E_UNAUTHENTICATED);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    key = ch_key_public_pem(CH_LIT(public_key));
    return key == NULL;
}

static int end(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_text),
        cmocka_unit_test(request_to_the_app),
        cmocka_unit_test(whose_a_code_is),
        cmocka_unit_test(answer_without_body),
        cmocka_unit_test(authorization_both_ways),
        cmocka_unit_test(authorization_refused),
        cmocka_unit_test(time_window),
        cmocka_unit_test(resource),
        cmocka_unit_test(notice_taken),
        cmocka_unit_test(notice_refused),
        cmocka_unit_test(refund_notices),
        cmocka_unit_test(refund_notices_refused),
        cmocka_unit_test(only_yuan_are_booked),
        cmocka_unit_test(probes_fail),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
