/* SPDX-License-Identifier: Apache-2.0
 * What certhall-picture says of a paper, read by who does not believe it. */
#include "core/paper/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_good(void **state)
{
    (void)state;
    struct ch_arena *a = ch_arena_new();
    struct ch_paper_look l;

    assert_true(ch_paper_look_read(a, "ok 2 1 0 17\n", &l));
    assert_int_equal(l.pages, 2);
    assert_true(l.stamped && !l.sharp && l.n == 0);
    assert_true(ch_paper_look_read(a, "ok 1 0 1 100\ncode CH1|1|a\ncode CH1|1|a|annex\n", &l));
    assert_int_equal(l.n, 2);
    assert_string_equal(l.codes[1], "CH1|1|a|annex");
    ch_arena_free(a);
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const said[] = {
        "",
        "ok",
        "no unreadable\n",
        "ok 1 1 1\n",
        "ok 0 1 1 5\n",
        "ok 1 1 1 5",
        "ok 1 1 1 5 6\n",
        "ok 1 1 1 5\ncode CH1|1|a",
        "ok 1 1 1 5\ncode CH2|1\n",
        "ok 1 1 1 5\ncode CH1|1,2\n",
        "ok 1 1 1 5\ncode CH1|{}\n",
        "ok 1 1 1 5\ncode CH1|\xe4\n",
        "ok 1 1 1 5\nmore\n",
        "ok 1 1 1 5\n\n",
        "ok 1 1 1 5\ncode CH1|1\ncode CH1|2\ncode CH1|3\ncode CH1|4\ncode CH1|5\n",
    };
    struct ch_arena *a = ch_arena_new();
    struct ch_paper_look l;

    for (size_t i = 0; i < CH_COUNT(said); i++)
        assert_false(ch_paper_look_read(a, said[i], &l));
    ch_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_bad)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
