/* SPDX-License-Identifier: Apache-2.0
 * The mail server's dialogue, line by line, and how a message is read for the letter box. */
#include "core/base/codec.h"
#include "modules/sandbox/mail/dialogue.h"
#include "modules/sandbox/mail/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGE "Date: Sat, 21 Nov 2026 19:43:40 +0800\r\nFrom: <hall@ca.example>\r\nMessage-ID: <1@ca.example>\r\n\r\n"

static struct ch_arena *a;
static struct mail_dialogue d;
static struct ch_bytes kept;
static int kept_n;
static const char *on; /* the switch that is on */

static bool switched(void *ctx, const char *key)
{
    (void)ctx;
    return on != NULL && strcmp(on, key) == 0;
}

static bool keep(void *ctx, const struct mail_dialogue *from, struct ch_bytes raw)
{
    (void)ctx;
    kept = raw;
    kept_n += (int)from->to_n;
    return true;
}

static const struct mail_host host = {"hall", "secret", switched, keep, NULL};

static enum mail_then then;

/* The answer of the server to these lines. */
static const char *said(const char *lines)
{
    struct ch_buf out;

    ch_buf_init(&out, a);
    then = mail_dialogue_feed(&d, CH_BYTES(lines, strlen(lines)), &out);
    return out.p;
}

#define SAYS(lines, begin) assert_memory_equal(said(lines), begin, strlen(begin))

static int afresh(void **state)
{
    struct ch_buf out;

    (void)state;
    ch_buf_init(&out, a);
    mail_dialogue_begin(&d, a, &host, &out);
    on = NULL;
    kept_n = 0;
    return strncmp(out.p, "220 ", 4);
}

static int logged_in(void **state)
{
    afresh(state);
    mail_dialogue_secured(&d);
    said("EHLO x\r\n");
    return strncmp(said("AUTH PLAIN AGhhbGwAc2VjcmV0\r\n"), "235 ", 4);
}

static void nothing_before_tls(void **state)
{
    (void)state;
    SAYS("MAIL FROM:<a@b>\r\n", "530 5.7.0 Must issue a STARTTLS");
    assert_non_null(strstr(said("EHLO x\r\n"), "STARTTLS"));
    assert_null(strstr(said("EHLO x\r\n"), "AUTH"));
    SAYS("AUTH PLAIN AGhhbGwAc2VjcmV0\r\n", "530 5.7.0 Must");
    SAYS("MAIL FROM:<a@b>\r\n", "530 5.7.0 Must");
    SAYS("STARTTLS\r\n", "220 ");
    assert_int_equal(then, MAIL_START_TLS);
    mail_dialogue_secured(&d);
    SAYS("MAIL FROM:<a@b>\r\n", "503 5.5.1 EHLO"); /* what was said before is forgotten */
}

static void nothing_is_smuggled_in_with_starttls(void **state)
{
    (void)state;
    said("EHLO x\r\n");
    SAYS("STARTTLS\r\nNOOP\r\n", "554 ");
    assert_int_equal(then, MAIL_CLOSE);
}

static void both_ways_to_log_in(void **state)
{
    static const char *const plain[] = {
        "AUTH PLAIN AGhhbGwAc2VjcmV0\r\n",
        "AUTH PLAIN\r\nAGhhbGwAc2VjcmV0\r\n",
        "auth login\r\naGFsbA==\r\nc2VjcmV0\r\n",
        "AUTH LOGIN aGFsbA==\r\nc2VjcmV0\r\n",
    };
    (void)state;
    for (size_t i = 0; i < CH_COUNT(plain); i++) {
        mail_dialogue_secured(&d);
        assert_non_null(strstr(said("EHLO x\r\n"), "AUTH PLAIN LOGIN"));
        assert_non_null(strstr(said(plain[i]), "235 "));
        SAYS("AUTH PLAIN AGhhbGwAc2VjcmV0\r\n", "503 ");
    }
}

static void wrong_log_ins(void **state)
{
    static const char *const wrong[] = {
        "AUTH PLAIN AGhhbGwAc2VjcmV1\r\n",
        "AUTH PLAIN AGhhbHkAc2VjcmV0\r\n",
        "AUTH PLAIN AGhhbGwAc2VjcmU=\r\n",
        "AUTH LOGIN aGFsbA==\r\nc2VjcmV1\r\n",
        "AUTH PLAIN =\r\n",
        "AUTH PLAIN aGFsbA==\r\n",
        "AUTH PLAIN !\r\n",
        "AUTH PLAIN\r\n*\r\n",
        "AUTH CRAM-MD5\r\n",
        "AUTH\r\n",
    };
    (void)state;
    for (size_t i = 0; i < CH_COUNT(wrong); i++) {
        mail_dialogue_secured(&d);
        said("EHLO x\r\n");
        assert_non_null(strstr(said(wrong[i]), i < 4 ? "535 5.7.8" : "50"));
        SAYS("MAIL FROM:<a@b>\r\n", "530 5.7.0 Authentication");
    }
}

static void a_guesser_is_sent_away(void **state)
{
    (void)state;
    mail_dialogue_secured(&d);
    said("EHLO x\r\n");
    for (int i = 0; i < 4; i++)
        said("AUTH PLAIN AGhhbGwAc2VjcmV1\r\n");
    assert_non_null(strstr(said("AUTH PLAIN AGhhbGwAc2VjcmV1\r\n"), "421 "));
    assert_int_equal(then, MAIL_CLOSE);
}

static void a_message_is_taken(void **state)
{
    (void)state;
    SAYS("MAIL FROM:<hall@ca.example> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<u@mail.example>\r\nDATA\r\n", "250 ");
    SAYS(MESSAGE "..dot\r\n...\r\n.\r\n", "250 2.0.0");
    assert_int_equal(kept_n, 1);
    assert_int_equal(kept.n, strlen(MESSAGE ".dot\r\n..\r\n"));
    assert_memory_equal(kept.p, MESSAGE ".dot\r\n..\r\n", kept.n);
    SAYS("DATA\r\n", "503 5.5.1 MAIL first");
    SAYS("QUIT\r\n", "221 ");
    assert_int_equal(then, MAIL_CLOSE);
}

static void the_same_byte_by_byte(void **state)
{
    static const char all[] = "MAIL FROM:<hall@ca.example>\r\nRCPT TO:<u@mail.example>\r\nDATA\r\n" MESSAGE "x\r\n.\r\n";

    (void)state;
    for (size_t i = 0; i < sizeof all - 1; i++)
        said((char[]){all[i], '\0'});
    assert_int_equal(kept_n, 1);
    assert_int_equal(kept.n, strlen(MESSAGE "x\r\n"));
}

static void envelopes_that_are_refused(void **state)
{
    static const struct {
        const char *line, *reply;
    } rows[] = {
        {"RCPT TO:<u@x>\r\n", "503 5.5.1 MAIL"},
        {"DATA\r\n", "503 5.5.1 MAIL"},
        {"MAIL FROM:<>\r\n", "501 "},
        {"MAIL FROM: <a@b>\r\n", "501 "},
        {"MAIL FROM:<a@b> SIZE=99999999\r\n", "552 "},
        {"MAIL FROM:<a@b> RET=HDRS\r\n", "555 "},
        {"MAIL TO:<a@b>\r\n", "501 "},
        {"MAIL FROM:<a@b>x\r\n", "501 "},
        {"VRFY a\r\n", "500 "},
        {"\r\n", "500 "},
    };
    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        d.errors = 0;
        SAYS(rows[i].line, rows[i].reply);
    }
    d.errors = 0;
    SAYS("MAIL FROM:<a@b>\r\n", "250 ");
    SAYS("RCPT TO:<nobody@mail.example>\r\n", "550 5.1.1");
    SAYS("RCPT TO:<u@x> NOTIFY=NEVER\r\n", "501 ");
    SAYS("DATA\r\n", "503 5.5.1 RCPT");
    SAYS("MAIL FROM:<a@b>\r\n", "503 5.5.1 One");
    SAYS("RSET\r\n", "250 ");
}

static void switches(void **state)
{
    (void)state;
    said("MAIL FROM:<a@b>\r\n");
    on = "mail.undeliverable";
    SAYS("RCPT TO:<u@x>\r\n", "550 ");
    on = "mail.later";
    SAYS("RCPT TO:<u@x>\r\n", "451 ");
    on = "mail.drop_after_data";
    said("RCPT TO:<u@x>\r\nDATA\r\n");
    assert_string_equal(said(MESSAGE ".\r\n"), "");
    assert_int_equal(then, MAIL_CLOSE);
    assert_int_equal(kept_n, 1);
}

static void data_that_are_refused(void **state)
{
    char lengthy[1100];
    memset(lengthy, 'x', sizeof lengthy);
    memcpy(lengthy + 1000, "\r\n.\r\n", 6);
    const char *const bodies[] = {"x\ny\r\n.\r\n", "x\ry\r\n.\r\n", "x\n.\n\r\n.\r\n", lengthy};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bodies); i++) {
        d.errors = 0;
        said("MAIL FROM:<a@b>\r\nRCPT TO:<u@x>\r\nDATA\r\n");
        said(MESSAGE);
        SAYS(bodies[i], "554 5.6.0 A line");
    }
    d.errors = 0;
    said("MAIL FROM:<a@b>\r\nRCPT TO:<u@x>\r\nDATA\r\n");
    SAYS("From: <a@b>\r\n\r\nx\r\n.\r\n", "554 5.6.0 One field Date");
    said("MAIL FROM:<a@b>\r\nRCPT TO:<u@x>\r\nDATA\r\n");
    SAYS("Subject: 证书\r\n" MESSAGE ".\r\n", "554 5.6.0 The header is not ASCII");
    assert_int_equal(kept_n, 0);
    SAYS("NOOP\n", "500 5.5.2");
}

static void a_large_message(void **state)
{
    char *piece = ch_alloc(a, 100 * 100 + 1);

    (void)state;
    memset(piece, 'x', 100 * 100);
    for (size_t i = 0; i < 100; i++)
        memcpy(piece + i * 100 + 98, "\r\n", 2);
    said("MAIL FROM:<a@b>\r\nRCPT TO:<u@x>\r\nDATA\r\n" MESSAGE);
    for (size_t n = 0; n < MAIL_MAX_BYTES + 20000; n += 10000)
        said(piece);
    SAYS(".\r\n", "552 5.3.4");
    assert_int_equal(kept_n, 0);
}

static void words_of_a_header(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain text", "plain text"},
        {"=?UTF-8?B?6K+B5Lmm?=", "证书"},
        {"=?utf-8?q?=E8=AF=81=E4=B9=A6_ok?= <a@b>", "证书 ok <a@b>"},
        {"=?UTF-8?B?6K+B?= =?UTF-8?B?5Lmm?=", "证书"},
        {"a =?UTF-8?B?6K+B?= b", "a 证 b"},
        {"=?gb2312?B?1qTK6Q==?=", "=?gb2312?B?1qTK6Q==?="},
        {"=?UTF-8?B?!!?=", "=?UTF-8?B?!!?="},
        {"=?UTF-8?B?/w==?=", ""},
        {"=?UTF-8?B?", "=?UTF-8?B?"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++)
        assert_string_equal(mail_read_words(a, rows[i].in), rows[i].out);
}

static const char *text_of(const char *raw)
{
    return mail_read(a, CH_BYTES(raw, strlen(raw))).text;
}

static void text_of_a_message(void **state)
{
    (void)state;
    assert_string_equal(text_of("Subject: x\r\n\r\nhello\r\n"), "hello\r\n");
    assert_string_equal(text_of("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                                "6K+B\r\n5Lmm\r\n"),
                        "证书");
    assert_string_equal(text_of("Content-Transfer-Encoding: quoted-printable\r\n\r\n=E8=AF=\r\n=81=3D"), "证=");
    assert_string_equal(text_of("Content-Type: text/html\r\n\r\n<p>"), "");
    assert_string_equal(text_of("Content-Type: multipart/mixed; boundary=\"b b\"\r\n\r\n"
                                "--b b\r\nContent-Type: multipart/alternative;\r\n boundary=c\r\n\r\n"
                                "--c\r\nContent-Type: text/html\r\n\r\n<p>\r\n--c\r\n\r\nin\r\nside\r\n--c--\r\n\r\n"
                                "--b b--\r\n"),
                        "in\r\nside");
    assert_string_equal(text_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                                "--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n"),
                        "");
    assert_string_equal(text_of("Content-Type: multipart/mixed\r\n\r\nx"), "");
    assert_string_equal(text_of(""), "");
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
        cmocka_unit_test_setup(nothing_before_tls, afresh),
        cmocka_unit_test_setup(nothing_is_smuggled_in_with_starttls, afresh),
        cmocka_unit_test_setup(both_ways_to_log_in, afresh),
        cmocka_unit_test_setup(wrong_log_ins, afresh),
        cmocka_unit_test_setup(a_guesser_is_sent_away, afresh),
        cmocka_unit_test_setup(a_message_is_taken, logged_in),
        cmocka_unit_test_setup(the_same_byte_by_byte, logged_in),
        cmocka_unit_test_setup(envelopes_that_are_refused, logged_in),
        cmocka_unit_test_setup(switches, logged_in),
        cmocka_unit_test_setup(data_that_are_refused, logged_in),
        cmocka_unit_test_setup(a_large_message, logged_in),
        cmocka_unit_test(words_of_a_header),
        cmocka_unit_test(text_of_a_message),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
