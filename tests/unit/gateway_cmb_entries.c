/* SPDX-License-Identifier: Apache-2.0
 * What CMB CloudDC lists as having come in: pages, what is left out, and answers that must not be believed. */
#include "core/gateway/cmb/cmb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ch_arena *a;

#define ROW(more) \
    "{\"transDate\":\"20260302\",\"transTime\":\"140337\",\"transSequenceIdn\":\"C09468U00012KWZ  \",\"loanCode\":\"C\"," \
    "\"transAmount\":\"0.01\",\"currencyNbr\":\"10\",\"remarkTextClt\":\"ABCD2345 \",\"reversalFlag\":\"N\",\"yurRef\":\" \"," \
    "\"ctpAcctNbr\":\"6222000011112222\",\"ctpAcctName\":\"张三  \",\"ctpBankName\":\"示范银行\"" more "}"
#define POINT "{\"acctNbr\":\"755947919880029\",\"expectNextSequence\":\"101\",\"transDate\":\"20260302\"}"
#define BODY(flag, account, points, rows) \
    "{\"TRANSQUERYBYBREAKPOINT_Y1\":[" points "],\"TRANSQUERYBYBREAKPOINT_Z1\":[{\"ctnFlag\":\"" flag \
    "\",\"queryAcctNbr\":\"" account "\"}],\"TRANSQUERYBYBREAKPOINT_Z2\":[" rows "]}"

static const char *read_text(const char *text, struct ch_cmb_entries *out)
{
    struct ch_json *body;

    assert_int_equal(ch_json_parse(a, CH_BYTES(text, strlen(text)), &body, NULL), CH_JSON_OK);
    return ch_cmb_read_entries(a, body, out);
}

static void one_page(void **state)
{
    struct ch_cmb_entries e;

    (void)state;
    assert_null(read_text(BODY("N", "", POINT, ROW("")), &e));
    assert_int_equal(e.n, 1);
    assert_false(e.more);
    assert_string_equal(e.rows[0].number, "C09468U00012KWZ");
    assert_string_equal(e.rows[0].day, "2026-03-02");
    assert_int_equal(e.rows[0].at, 1772431417); /* 14:03:37 in Beijing */
    assert_int_equal(e.rows[0].amount_fen, 1);
    assert_string_equal(e.rows[0].name, "张三");
    assert_string_equal(e.rows[0].account, "6222000011112222");
    assert_string_equal(e.rows[0].bank, "示范银行");
    assert_string_equal(e.rows[0].remark, "ABCD2345");
    assert_string_equal(e.cursor, "{\"queryAcctNbr\":\"\",\"TRANSQUERYBYBREAKPOINT_Y1\":[" POINT "]}");
}

static void more_pages(void **state)
{
    struct ch_cmb_entries e;

    (void)state;
    assert_null(read_text(BODY("Y", "755947919880029", POINT, ROW("") "," ROW("")), &e));
    assert_int_equal(e.n, 2);
    assert_true(e.more);
    assert_string_equal(e.cursor, "{\"queryAcctNbr\":\"755947919880029\",\"TRANSQUERYBYBREAKPOINT_Y1\":[" POINT "]}");
    assert_non_null(read_text(BODY("Y", "", POINT, ROW("")), &e));             /* more, but of which account */
    assert_non_null(read_text(BODY("Y", "755947919880029", "", ROW("")), &e)); /* and from where */
    assert_null(read_text(BODY("N", "", "", ""), &e));
    assert_int_equal(e.n, 0);
    assert_null(e.cursor);
}

/* A later member of the same name does not count, so each row is written anew. */
static void left_out(void **state)
{
    static const char *const rows[] = {
        "{\"loanCode\":\"D\",\"currencyNbr\":\"10\",\"transAmount\":\"-40.01\"}", /* what we have paid */
        "{\"loanCode\":\"C\",\"currencyNbr\":\"32\",\"transAmount\":\"0.01\"}",   /* dollars */
        "{\"loanCode\":\"C\",\"currencyNbr\":\"10\",\"transAmount\":\"0.01\",\"reversalFlag\":\"*\"}", /* a correction */
        "{\"loanCode\":\"C\",\"currencyNbr\":\"10\",\"transAmount\":\"0.01\",\"reversalFlag\":\"X\"}",
        "{\"loanCode\":\"C\",\"currencyNbr\":\"10\",\"transAmount\":\"0.01\",\"yurRef\":\"CH2026\"}", /* ours that came back */
        "\"text\"",
    };
    struct ch_cmb_entries e;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        assert_null(read_text(ch_printf(a, BODY("N", "", POINT, ROW("") ",%s"), rows[i]), &e));
        assert_int_equal(e.n, 1);
    }
}

static void not_believed(void **state)
{
#define CREDIT "{\"loanCode\":\"C\",\"currencyNbr\":\"10\","
    static const char *const bad[] = {
        CREDIT "\"transAmount\":\"0.01\",\"transDate\":\"20260302\"}", /* no number */
        CREDIT "\"transAmount\":\"0.01\",\"transDate\":\"20260302\",\"transSequenceIdn\":\" \"}",
        CREDIT "\"transAmount\":\"0.01\",\"transDate\":\"2026-03-02\",\"transSequenceIdn\":\"C1\"}", /* no day */
        CREDIT "\"transAmount\":\"0.01\",\"transDate\":\"20261302\",\"transSequenceIdn\":\"C1\"}",
        CREDIT "\"transAmount\":\"-0.01\",\"transDate\":\"20260302\",\"transSequenceIdn\":\"C1\"}", /* no amount */
        CREDIT "\"transAmount\":\"0\",\"transDate\":\"20260302\",\"transSequenceIdn\":\"C1\"}",
        CREDIT "\"transAmount\":\"1,00\",\"transDate\":\"20260302\",\"transSequenceIdn\":\"C1\"}",
        CREDIT "\"transDate\":\"20260302\",\"transSequenceIdn\":\"C1\"}",
    };
    struct ch_cmb_entries e;

    (void)state;
    for (size_t i = 0; i < CH_COUNT(bad); i++)
        assert_non_null(read_text(ch_printf(a, BODY("N", "", POINT, "%s"), bad[i]), &e));
    assert_non_null(read_text("{}", &e));
    assert_non_null(read_text("[]", &e));
    assert_non_null(read_text("{\"TRANSQUERYBYBREAKPOINT_Z1\":[],\"TRANSQUERYBYBREAKPOINT_Z2\":[]}", &e));
    assert_non_null(read_text("{\"TRANSQUERYBYBREAKPOINT_Z1\":\"\",\"TRANSQUERYBYBREAKPOINT_Z2\":[]}", &e));
}

/* An entry without a time is not older than its day, so that it is not taken for one from before its code. */
static void without_a_time(void **state)
{
    struct ch_cmb_entries e;

    (void)state;
    assert_null(read_text(BODY("N", "", POINT,
                               "{\"transDate\":\"20260302\",\"transSequenceIdn\":\"C1\",\"loanCode\":\"C\",\"currencyNbr\":\"10\","
                               "\"transAmount\":\"0.01\"}"),
                          &e));
    assert_int_equal(e.rows[0].at, 1772467199);
    assert_string_equal(e.rows[0].name, "");
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
        cmocka_unit_test(one_page),     cmocka_unit_test(more_pages),     cmocka_unit_test(left_out),
        cmocka_unit_test(not_believed), cmocka_unit_test(without_a_time),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
