/* SPDX-License-Identifier: Apache-2.0
 * E-mail: the written forms of its header, and the refusals that come before anything is sent. What a mail server takes
 * is told by tests/interop/node/mail.test.mjs. */
#include "core/base/config.h"
#include "core/gateway/mail/mail.h"
#include "core/gateway/mail/words.h"

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

static void addresses(void **state)
{
    static const char *const good[] = {
        "a@b",
        "hall@ca.example",
        "first.last+tag@mail-1.example.com",
        "o'neil@x.example",
    };
    static const char *const bad[] = {
        "",
        "a",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b c",
        "<a@b>",
        "a@b>",
        "a@b\r\nRCPT TO:<c@d>",
        "a@b\n",
        "a\t@b",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a@b.",
        "a@.b",
        "a@-b",
        "\"a b\"@c",
        "a@[127.0.0.1]",
        "张@b",
        "a@例子.中国",
        "a,b@c",
        "a;b@c",
        "a@b_c",
    };
    char *lengthy = ch_printf(a, "%065d@b", 1);

    (void)state;
    for (size_t i = 0; i < CH_COUNT(good); i++)
        assert_true(ch_mail_address(good[i]));
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_false(ch_mail_address(bad[i]));
    assert_false(ch_mail_address(lengthy));
    assert_true(ch_mail_address(lengthy + 1));
}

static void short_ascii_stands_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(ch_mail_words(a, "Your certificate", 9), "Your certificate");
    assert_string_equal(ch_mail_words(a, "", 9), "");
    assert_string_equal(ch_mail_words(a, "=?not encoded", 9), "=?UTF-8?B?PT9ub3QgZW5jb2RlZA==?=");
    assert_string_equal(ch_mail_words(a, "证书", 9), "=?UTF-8?B?6K+B5Lmm?=");
}

static void no_line_can_be_begun(void **state)
{
    (void)state;
    assert_null(strpbrk(ch_mail_words(a, "x\r\nBcc: y@z", 9), "\r\n"));
    assert_null(strpbrk(ch_mail_mailbox(a, NULL, "a@b", 4), "\r\n"));
    assert_null(strstr(ch_mail_mailbox(a, "x\r\nBcc: y@z", "a@b", 4), "Bcc"));
    assert_null(strstr(ch_mail_attachment(a, "x\r\nBcc: y@z"), "\nBcc"));
}

/* Every line at most 76 columns, every word at most 75 and of whole characters; together the text. */
static void long_text_is_split_at_characters(void **state)
{
    char text[601] = "";
    size_t used = strlen("Subject: ");

    (void)state;
    for (int i = 0; i < 50; i++)
        strcat(text, i % 3 == 0 ? "证书a" : i % 3 == 1 ? "é" : "𠮷领");
    char *s = ch_mail_words(a, text, used), *rest = s;
    while (rest != NULL) {
        char *line = strsep(&rest, "\n");
        size_t n = strcspn(line, "\r");
        assert_in_range(used + n, 1, 76);
        used = 0;
        line += line[0] == ' ';
        assert_memory_equal(line, "=?UTF-8?B?", 10);
        assert_in_range(strcspn(line, "\r"), 1, 75);
        assert_int_not_equal((unsigned char)line[10], 0);
    }
}

static void mailboxes(void **state)
{
    (void)state;
    assert_string_equal(ch_mail_mailbox(a, "Demo CA", "hall@ca.example", 6), "Demo CA\r\n <hall@ca.example>");
    assert_string_equal(ch_mail_mailbox(a, "Demo, CA", "a@b", 6), "=?UTF-8?B?RGVtbywgQ0E=?=\r\n <a@b>");
    assert_string_equal(ch_mail_mailbox(a, "张三", "a@b", 4), "=?UTF-8?B?5byg5LiJ?=\r\n <a@b>");
    assert_string_equal(ch_mail_mailbox(a, "", "a@b", 4), "<a@b>");
}

static void attachments(void **state)
{
    (void)state;
    assert_string_equal(ch_mail_attachment(a, "电子 发票.pdf"),
                        "Content-Disposition: attachment;\r\n filename=\"_____.pdf\";\r\n "
                        "filename*=UTF-8''%E7%94%B5%E5%AD%90%20%E5%8F%91%E7%A5%A8.pdf");
    assert_non_null(strstr(ch_mail_attachment(a, "a\"b;.pdf"), "filename=\"a_b_.pdf\""));
}

static void dates(void **state)
{
    (void)state;
    assert_string_equal(ch_mail_date(a, 1795261420), "Sat, 21 Nov 2026 19:43:40 +0800");
    assert_string_equal(ch_mail_date(a, 0), "Thu, 1 Jan 1970 08:00:00 +0800");
}

static const char *password_file;

static void set(const char *url, const char *more)
{
    assert_true(ch_config_parse(ch_printf(a,
                                          "mail_url = %s\nmail_user = u\nmail_password = %s\n"
                                          "mail_from = hall@ca.example\nvendor_timeout_ms = 2000\nbreaker_failures = 1000\n%s",
                                          url, password_file, more)));
}

static struct ch_answer send_to(const char *to)
{
    struct ch_mail mail = {.to = to, .subject = "主题", .text = "正文", .message_id = "1@ca.example"};
    struct ch_answer answer = {CH_ACCEPTED, "", "", ""};

    assert_int_equal(ch_mail_send(a, NULL, &mail, &answer), CH_OK);
    return answer;
}

static void is_told_when_it_is_not_set_up(void **state)
{
    struct ch_mail mail = {.to = "a@b", .subject = "", .text = "", .message_id = "1@ca.example"};
    struct ch_answer answer;

    (void)state;
    assert_true(ch_config_parse(""));
    assert_int_equal(ch_mail_send(a, NULL, &mail, &answer), CH_E_INTERNAL);
    set("http://127.0.0.1:9", "");
    assert_int_equal(ch_mail_send(a, NULL, &mail, &answer), CH_E_INTERNAL);
    set("smtp://127.0.0.1:9", "mail_password = /nonexistent\n");
    assert_int_equal(ch_mail_send(a, NULL, &mail, &answer), CH_E_INTERNAL);
    set("smtp://127.0.0.1:9", "mail_from = nobody\n");
    assert_int_equal(ch_mail_send(a, NULL, &mail, &answer), CH_E_INTERNAL);
    set("smtp://127.0.0.1:9", "");
    mail.message_id = "no host";
    assert_int_equal(ch_mail_send(a, NULL, &mail, &answer), CH_E_INTERNAL);
}

static void a_bad_address_goes_nowhere(void **state)
{
    (void)state;
    set("smtp://127.0.0.1:9", "");
    struct ch_answer no = send_to("a@b\r\nRCPT TO:<c@d>");
    assert_int_equal(no.outcome, CH_REFUSED);
    assert_string_equal(no.code, "bad_address");
}

/* A server without STARTTLS, which notes all it hears. */
static char heard[4096];
static int listener, port;

static void hear(int fd)
{
    static const char greeting[] = "220 x ESMTP\r\n", features[] = "250-x\r\n250 AUTH PLAIN LOGIN\r\n";
    ssize_t n = send(fd, greeting, sizeof greeting - 1, MSG_NOSIGNAL);

    while (n > 0 && (n = recv(fd, heard + strlen(heard), sizeof heard - 1 - strlen(heard), 0)) > 0)
        n = send(fd, features, sizeof features - 1, MSG_NOSIGNAL);
    close(fd);
}

static void *serve(void *unused)
{
    (void)unused;
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
        hear(fd);
    return NULL;
}

static void nothing_is_said_without_tls(void **state)
{
    (void)state;
    set(ch_printf(a, "smtp://127.0.0.1:%d", port), "mail_helo = hall.example\n");
    struct ch_answer no = send_to("a@b.example");
    assert_int_equal(no.outcome, CH_UNKNOWN);
    assert_string_equal(no.code, "no_starttls");
    assert_string_equal(heard, "EHLO hall.example\r\n");
    heard[0] = '\0';
    set(ch_printf(a, "smtps://127.0.0.1:%d", port), "");
    no = send_to("a@b.example");
    assert_int_equal(no.outcome, CH_UNKNOWN);
    assert_string_equal(no.code, "tls");
    assert_null(strstr(heard, "EHLO"));
}

static void nobody_there(void **state)
{
    (void)state;
    set("smtp://127.0.0.1:9", "");
    struct ch_answer no = send_to("a@b.example");
    assert_int_equal(no.outcome, CH_UNKNOWN);
    assert_string_equal(no.code, "no_connection");
}

static int begin(void **state)
{
    static char path[] = "/tmp/gateway-mail-XXXXXX";
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;
    pthread_t thread;
    int fd = mkstemp(path);

    (void)state;
    a = ch_arena_new();
    password_file = path;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || write(fd, "secret\n", 7) != 7 || close(fd) != 0 || bind(listener, (struct sockaddr *)&at, n) != 0 ||
        listen(listener, 8) != 0 || getsockname(listener, (struct sockaddr *)&at, &n) != 0)
        return 1;
    port = ntohs(at.sin_port);
    return pthread_create(&thread, NULL, serve, NULL) != 0 || pthread_detach(thread) != 0;
}

static int end(void **state)
{
    (void)state;
    shutdown(listener, SHUT_RDWR);
    ch_arena_free(a);
    return unlink(password_file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test(short_ascii_stands_as_it_is),
        cmocka_unit_test(no_line_can_be_begun),
        cmocka_unit_test(long_text_is_split_at_characters),
        cmocka_unit_test(mailboxes),
        cmocka_unit_test(attachments),
        cmocka_unit_test(dates),
        cmocka_unit_test(is_told_when_it_is_not_set_up),
        cmocka_unit_test(a_bad_address_goes_nowhere),
        cmocka_unit_test(nothing_is_said_without_tls),
        cmocka_unit_test(nobody_there),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
