/* SPDX-License-Identifier: Apache-2.0
 * The HTTP client against a server of this test: what arrives, what comes back, and where it refuses to go. */
#include "core/base/config.h"
#include "core/http/client.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;
static int listener, port;
static pthread_t thread;
static char seen[4096]; /* the last request */
static int connections;

static const struct {
    const char *path, *answer;
} answers[] = {
    {"/plain", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nRequest-ID:  abc \r\n\r\nhello"},
    {"/error", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops"},
    {"/moved", "HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n"},
    {"/large", "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"},
    {"/cut", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"},
    {"/silent", ""},
};

static bool read_request(int fd)
{
    size_t n = 0;

    while (n + 1 < sizeof seen) {
        ssize_t k = read(fd, seen + n, sizeof seen - 1 - n);
        if (k <= 0)
            return false;
        n += (size_t)k;
        seen[n] = '\0';
        char *end = strstr(seen, "\r\n\r\n"), *length = strcasestr(seen, "Content-Length: ");
        size_t body = length != NULL && length < end ? strtoul(length + 16, NULL, 10) : 0;
        if (end != NULL && n >= (size_t)(end + 4 - seen) + body)
            return true;
    }
    return false;
}

/* Writes the answer; false when the connection is to be closed. */
static bool write_answer(int fd)
{
    for (size_t i = 0; i < CH_COUNT(answers); i++) {
        const char *at = strchr(seen, ' ');
        size_t n = strlen(answers[i].path);
        if (at == NULL || strncmp(at + 1, answers[i].path, n) != 0)
            continue;
        if (send(fd, answers[i].answer, strlen(answers[i].answer), MSG_NOSIGNAL) < 0)
            return false;
        if (strcmp(answers[i].path, "/large") == 0) {
            static char zeros[100000];
            for (int k = 0; k < 90; k++)
                if (send(fd, zeros, sizeof zeros, MSG_NOSIGNAL) < 0)
                    return false;
        }
        return i < 3;
    }
    return false;
}

static void *serve(void *unused)
{
    (void)unused;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
        connections++;
        while (read_request(fd) && write_answer(fd))
            ;
    }
    return NULL;
}

static enum ch_err get(const char *path, struct ch_http_response *res)
{
    struct ch_http_request req = {
        .method = "GET", .url = ch_printf(a, "http://127.0.0.1:%d%s", port, path), .timeout_ms = 2000};
    struct ch_fault f = {0};
    return ch_http(a, &f, &req, res);
}

static void takes_an_answer(void **state)
{
    struct ch_http_response res;

    (void)state;
    assert_int_equal(get("/plain?x=1", &res), CH_OK);
    assert_int_equal(res.status, 200);
    assert_int_equal(res.body.n, 5);
    assert_string_equal((const char *)res.body.p, "hello");
    assert_string_equal(ch_http_header(a, &res, "request-id"), "abc");
    assert_null(ch_http_header(a, &res, "Request"));
    assert_non_null(strstr(seen, "GET /plain?x=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(seen, "User-Agent: certhall/"));
    assert_int_equal(get("/error", &res), CH_OK);
    assert_int_equal(res.status, 502);
}

static void sends_a_body(void **state)
{
    struct ch_http_response res;
    struct ch_http_request req = {.method = "POST",
                                  .url = ch_printf(a, "http://127.0.0.1:%d/plain", port),
                                  .headers = {"Content-Type: application/json"},
                                  .body = CH_LIT("{\"a\":1}")};

    (void)state;
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_non_null(strstr(seen, "POST /plain HTTP/1.1\r\n"));
    assert_non_null(strstr(seen, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(seen, "\r\n\r\n{\"a\":1}"));
    assert_null(strcasestr(seen, "Expect:"));
    req.body = CH_BYTES(NULL, 0);
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_non_null(strcasestr(seen, "Content-Length: 0\r\n"));
}

static void money_goes_on_a_fresh_connection(void **state)
{
    struct ch_http_response res;
    struct ch_http_request req = {.method = "POST", .url = ch_printf(a, "http://127.0.0.1:%d/plain", port), .once = true};

    (void)state;
    assert_int_equal(get("/cut", &res), CH_E_VENDOR); /* ends the kept connection */
    int before = connections;
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_int_equal(connections, before + 2);
    assert_int_equal(get("/plain", &res), CH_OK);
    assert_int_equal(get("/plain", &res), CH_OK);
    assert_int_equal(connections, before + 3); /* others share theirs */
}

static void no_answer(void **state)
{
    struct ch_http_response res;

    (void)state;
    assert_int_equal(get("/cut", &res), CH_E_VENDOR);
    assert_int_equal(get("/silent", &res), CH_E_VENDOR);
    assert_int_equal(get("/large", &res), CH_E_VENDOR);
    assert_int_equal(get("/moved", &res), CH_OK); /* not followed */
    assert_int_equal(res.status, 302);
    struct ch_http_request nobody = {.method = "GET", .url = "http://127.0.0.1:9/"};
    assert_int_equal(ch_http(a, NULL, &nobody, &res), CH_E_VENDOR);
}

static void refuses_to_go(void **state)
{
    static const char *const urls[] = {"http://192.0.2.1/",
                                       "http://127.0.0.1.example/",
                                       "http://localhost/",
                                       "ftp://127.0.0.1/",
                                       "file:///etc/passwd",
                                       "http://127.0.0.1@192.0.2.1/",
                                       "",
                                       "x"};
    struct ch_http_response res;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(urls); i++) {
        struct ch_http_request req = {.method = "GET", .url = urls[i]};
        assert_int_equal(ch_http(a, NULL, &req, &res), CH_E_INTERNAL);
    }
    assert_true(ch_config_parse("production = yes\n"));
    assert_int_equal(get("/plain", &res), CH_E_INTERNAL);
    assert_true(ch_config_parse(""));
}

/* A header that is signed but not sent, as libcurl does with "Expect:", would be refused by every store. */
static void signs_what_it_sends(void **state)
{
    const struct ch_http_sigv4 sigv4 = {"us-east-1", "s3", "ACCESS", "secret"};
    struct ch_http_response res;
    struct ch_http_request req = {.method = "PUT",
                                  .url = ch_printf(a, "http://127.0.0.1:%d/plain", port),
                                  .sigv4 = &sigv4,
                                  .headers = {"Content-Type: application/octet-stream", "x-amz-content-sha256: 00"},
                                  .body = CH_LIT("x"),
                                  .once = true};

    (void)state;
    assert_int_equal(get("/cut", &res), CH_E_VENDOR); /* ends the kept connection */
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_non_null(strstr(seen, "PUT /plain HTTP/1.1\r\n"));
    assert_non_null(strstr(seen, "/us-east-1/s3/aws4_request, "
                                 "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, "));
    req.method = "HEAD";
    req.body = CH_BYTES(NULL, 0);
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_non_null(strstr(seen, "HEAD /plain HTTP/1.1\r\n"));
    assert_int_equal(res.body.n, 0);
    assert_string_equal(ch_http_header(a, &res, "content-length"), "5");
}

static void keeps_to_its_limits(void **state)
{
    struct ch_http_response res;
    struct ch_http_request req = {.method = "GET", .url = ch_printf(a, "http://127.0.0.1:%d/large", port), .once = true};
    struct ch_fault f = {0};

    (void)state;
    req.max_body = 9000000;
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_OK);
    assert_int_equal(res.body.n, 9000000);
    req.max_body--;
    assert_int_equal(ch_http(a, NULL, &req, &res), CH_E_VENDOR);
    assert_int_equal(get("/plain", &res), CH_OK); /* leaves a connection behind, which must not be shared */
    req.url = ch_printf(a, "http://127.0.0.1:%d/plain", port);
    req.public_only = true;
    req.once = false;
    assert_int_equal(ch_http(a, &f, &req, &res), CH_E_FORBIDDEN);
}

static int begin(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    (void)state;
    a = ch_arena_new();
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (!ch_config_parse("") || bind(listener, (struct sockaddr *)&at, n) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &n) != 0)
        return 1;
    port = ntohs(at.sin_port);
    return pthread_create(&thread, NULL, serve, NULL);
}

static int end(void **state)
{
    (void)state;
    shutdown(listener, SHUT_RDWR);
    pthread_detach(thread);
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_answer),
        cmocka_unit_test(sends_a_body),
        cmocka_unit_test(money_goes_on_a_fresh_connection),
        cmocka_unit_test(no_answer),
        cmocka_unit_test(refuses_to_go),
        cmocka_unit_test(signs_what_it_sends),
        cmocka_unit_test(keeps_to_its_limits),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
