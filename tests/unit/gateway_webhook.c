/* SPDX-License-Identifier: Apache-2.0
 * Standard Webhooks: the example of its reference libraries, what is refused, and where nothing is sent. */
#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/gateway/webhook/webhook.h"
#include "core/http/address.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define AT INT64_C(1614265330)
#define BODY CH_LIT("{\"test\": 2432232314}")
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static struct ch_arena *a;

static bool good(const char *secrets, const char *id, const char *at, const char *signature, struct ch_bytes body,
                 int64_t now)
{
    struct ch_webhook_headers h = {id, at, signature};
    return ch_webhook_verify(a, secrets, &h, body, now);
}

static void published_example(void **state)
{
    (void)state;
    assert_string_equal(ch_webhook_sign(a, SECRET, ID, AT, BODY), SIGNATURE);
    assert_true(good(SECRET, ID, "1614265330", SIGNATURE, BODY, AT));
}

static void every_part_counts(void **state)
{
    (void)state;
    assert_false(good(SECRET, "msg_x", "1614265330", SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, "1614265331", SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, "1614265330", SIGNATURE, CH_LIT("{\"test\": 2432232315}"), AT));
    assert_false(good(OTHER, ID, "1614265330", SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, "1614265330", "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, AT));
    assert_false(good(SECRET, ID, "1614265330", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, AT));
    assert_false(good(SECRET, ID, "1614265330", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, AT));
    assert_false(good(SECRET, ID, "1614265330", "", BODY, AT));
    assert_false(good(SECRET, NULL, "1614265330", SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, NULL, SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, "1614265330", NULL, BODY, AT));
}

static void five_minutes_either_way(void **state)
{
    (void)state;
    assert_true(good(SECRET, ID, "1614265330", SIGNATURE, BODY, AT + 300));
    assert_true(good(SECRET, ID, "1614265330", SIGNATURE, BODY, AT - 300));
    assert_false(good(SECRET, ID, "1614265330", SIGNATURE, BODY, AT + 301));
    assert_false(good(SECRET, ID, "1614265330", SIGNATURE, BODY, AT - 301));
    assert_false(good(SECRET, ID, "", SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, "+1614265330", SIGNATURE, BODY, AT));
    assert_false(good(SECRET, ID, "99999999999999999999", SIGNATURE, BODY, AT));
}

static void a_secret_can_be_changed(void **state)
{
    char *both = ch_webhook_sign(a, OTHER " " SECRET, ID, AT, BODY);

    (void)state;
    assert_non_null(strstr(both, " " SIGNATURE));
    assert_true(good(SECRET, ID, "1614265330", both, BODY, AT));
    assert_true(good(OTHER, ID, "1614265330", both, BODY, AT));
    assert_true(good(OTHER " " SECRET, ID, "1614265330", SIGNATURE, BODY, AT));
    assert_true(good(SECRET, ID, "1614265330", "v1a,xyz  " SIGNATURE, BODY, AT));
}

static void what_cannot_be_signed(void **state)
{
    static const char *const ids[] = {"", "a.b", "a b", "a\r\nx: y", "é"};
    static const char *const secrets[] = {
        "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_!!!!", SECRET " nonsense"};
    struct ch_webhook webhook = {"https://127.0.0.1:9/", "whsec_", ID, BODY};
    struct ch_answer answer;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(ids); i++)
        assert_null(ch_webhook_sign(a, SECRET, ids[i], AT, BODY));
    for (size_t i = 0; i < CH_COUNT(secrets); i++)
        assert_null(ch_webhook_sign(a, secrets[i], ID, AT, BODY));
    assert_int_equal(ch_webhook_send(a, NULL, &webhook, &answer), CH_E_INTERNAL);
}

static void a_fresh_secret_will_do(void **state)
{
    const char *one = ch_webhook_secret(a);

    (void)state;
    assert_string_not_equal(one, ch_webhook_secret(a));
    assert_non_null(ch_webhook_sign(a, one, ID, AT, BODY));
}

static void what_a_status_means(void **state)
{
    static const struct {
        long status;
        enum ch_outcome outcome;
        const char *code;
    } rows[] = {{200, CH_ACCEPTED, ""},   {204, CH_ACCEPTED, ""},    {301, CH_REFUSED, "301"},
                {400, CH_REFUSED, "400"}, {410, CH_REFUSED, "gone"}, {429, CH_UNKNOWN, "429"},
                {500, CH_UNKNOWN, "500"}, {503, CH_UNKNOWN, "503"}};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        struct ch_answer answer = ch_webhook_answer(a, rows[i].status);
        assert_int_equal(answer.outcome, rows[i].outcome);
        assert_string_equal(answer.code, rows[i].code);
    }
}

static bool is_public(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return ch_address_public((const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return ch_address_public((const struct sockaddr *)&v6);
}

static void addresses(void **state)
{
    static const char *const open[] = {
        "1.1.1.1",         "8.8.8.8",         "100.63.255.255", "172.15.255.255",    "172.32.0.0",       "192.167.1.1",
        "223.255.255.255", "2606:4700::1111", "2400:3200::1",   "2002:0808:0808::1", "64:ff9b::808:808",
    };
    static const char *const closed[] = {
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::1",
    };
    struct sockaddr other = {.sa_family = AF_UNIX};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(open); i++)
        assert_true(is_public(open[i]));
    for (size_t i = 0; i < CH_COUNT(closed); i++)
        assert_false(is_public(closed[i]));
    assert_false(ch_address_public(&other));
}

static struct ch_answer sent_to(const char *url)
{
    struct ch_webhook webhook = {url, SECRET, ID, BODY};
    struct ch_answer answer = {CH_ACCEPTED, "", "", ""};

    assert_int_equal(ch_webhook_send(a, NULL, &webhook, &answer), CH_OK);
    return answer;
}

/* A server that must not be reached counts its connections. */
static int listener, port, knocks;

static void *count(void *unused)
{
    (void)unused;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd))
        knocks++;
    return NULL;
}

static void where_nothing_is_sent(void **state)
{
    const char *const urls[] = {"http://192.0.2.1/",        "ftp://127.0.0.1/", "file:///etc/passwd", "", "x",
                                "http://127.0.0.1.example/"};
    const char *const inside[] = {ch_printf(a, "https://127.0.0.1:%d/", port),
                                  ch_printf(a, "https://localhost:%d/", port), ch_printf(a, "http://127.0.0.1:%d/", port),
                                  ch_printf(a, "https://2130706433:%d/", port)};

    (void)state;
    assert_true(ch_config_parse(""));
    for (size_t i = 0; i < CH_COUNT(urls); i++)
        assert_string_equal(sent_to(urls[i]).code, "address");
    assert_true(ch_config_parse("production = yes\n"));
    for (size_t i = 0; i < CH_COUNT(inside); i++) {
        struct ch_answer no = sent_to(inside[i]);
        assert_int_equal(no.outcome, CH_REFUSED);
        assert_string_equal(no.code, "address");
    }
    assert_int_equal(knocks, 0);
    assert_true(ch_config_parse(""));
    assert_int_equal(sent_to(inside[0]).outcome, CH_UNKNOWN); /* and is, outside production */
    assert_int_equal(knocks, 1);
}

static int begin(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    pthread_t thread;

    (void)state;
    a = ch_arena_new();
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (!ch_config_parse("") || bind(listener, (struct sockaddr *)&at, n) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &n) != 0)
        return 1;
    port = ntohs(at.sin_port);
    return pthread_create(&thread, NULL, count, NULL) != 0 || pthread_detach(thread) != 0;
}

static int end(void **state)
{
    (void)state;
    shutdown(listener, SHUT_RDWR);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_example),       cmocka_unit_test(every_part_counts),
        cmocka_unit_test(five_minutes_either_way), cmocka_unit_test(a_secret_can_be_changed),
        cmocka_unit_test(what_cannot_be_signed),   cmocka_unit_test(a_fresh_secret_will_do),
        cmocka_unit_test(what_a_status_means),     cmocka_unit_test(addresses),
        cmocka_unit_test(where_nothing_is_sent),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
