/* SPDX-License-Identifier: Apache-2.0
 * Requests and replies as bytes: what is read, what is refused, at every cut. */
#include "programs/signer/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ID "0192f3a0-0000-7000-8000-0000000000ff"

static struct request r;

static enum request_state parse(const char *p, size_t n)
{
    return request_parse(CH_BYTES(p, n), &r);
}
#define PARSE(s) parse((s), sizeof(s) - 1)

static void good_requests(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\0\0\0\x25\x01" ID), REQUEST_READY);
    assert_int_equal(r.op, CH_CA_PIN);
    assert_string_equal(r.subject, ID);
    assert_int_equal(PARSE("\0\0\0\x25\x02" ID), REQUEST_READY);
    assert_int_equal(r.op, CH_CA_ISSUE);
    assert_int_equal(PARSE("\0\0\0\x01\x03"), REQUEST_READY);
    assert_int_equal(r.op, CH_CA_PING);
    assert_string_equal(r.subject, "");
    assert_int_equal(PARSE("\0\0\0\x04\x05"
                           "sm2"),
                     REQUEST_READY);
    assert_int_equal(r.op, CH_CA_CRL);
    assert_string_equal(r.subject, "sm2");
}

static void more_is_awaited_at_every_cut(void **state)
{
    static const char whole[] = "\0\0\0\x25\x01" ID;

    (void)state;
    for (size_t n = 0; n < sizeof whole - 1; n++)
        assert_int_equal(parse(whole, n), REQUEST_MORE);
}

static void bad_requests(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\0\0\0\0"), REQUEST_BAD);     /* no operation */
    assert_int_equal(PARSE("\0\0\x01\x01"), REQUEST_BAD); /* 257 bytes announced */
    assert_int_equal(PARSE("\xff\xff\xff\xff"), REQUEST_BAD);
    assert_int_equal(PARSE("GET / HTTP/1.1\r\n"), REQUEST_BAD);
    assert_int_equal(PARSE("\0\0\0\x01\x00"), REQUEST_BAD); /* no such operation */
    assert_int_equal(PARSE("\0\0\0\x01\x7f"), REQUEST_BAD);
    assert_int_equal(PARSE("\0\0\0\x01\x05"), REQUEST_BAD); /* a name is missing */
    assert_int_equal(PARSE("\0\0\0\x04\x05"
                           "SM2"),
                     REQUEST_BAD); /* not of the letters of a name */
    assert_int_equal(PARSE("\0\0\0\x12\x05"
                           "abcdefghijklmnopq"),
                     REQUEST_BAD);
    assert_int_equal(PARSE("\0\0\0\x01\x01"), REQUEST_BAD);    /* an id is missing */
    assert_int_equal(PARSE("\0\0\0\x25\x03" ID), REQUEST_BAD); /* an id too much */
    assert_int_equal(PARSE("\0\0\0\x24\x01"
                           "0192f3a0-0000-7000-8000-0000000000f"),
                     REQUEST_BAD);
    assert_int_equal(PARSE("\0\0\0\x25\x01"
                           "0192F3A0-0000-7000-8000-0000000000FF"),
                     REQUEST_BAD);
    assert_int_equal(PARSE("\0\0\0\x25\x01"
                           "0192f3a0-0000-7000-8000-0000000000f\0"),
                     REQUEST_BAD);
    assert_int_equal(PARSE("\0\0\0\x01\x03\0"), REQUEST_BAD); /* bytes behind the request */
}

static void replies(void **state)
{
    unsigned char out[REPLY_MAX];
    char text[CH_CA_MAX * 2];

    (void)state;
    assert_int_equal(reply_write(out, CH_CA_REFUSED, "conflict"), 13);
    assert_memory_equal(out,
                        "\0\0\0\x09\x01"
                        "conflict",
                        13);
    assert_int_equal(reply_write(out, CH_CA_DONE, ""), 5);
    assert_int_equal(reply_write(out, CH_CA_DONE, "a\nb"), 6); /* cut at what is no printable ASCII */
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(reply_write(out, CH_CA_DONE, text), REPLY_MAX);
    assert_memory_equal(out, "\0\0\x01\0\0x", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests),
        cmocka_unit_test(more_is_awaited_at_every_cut),
        cmocka_unit_test(bad_requests),
        cmocka_unit_test(replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
