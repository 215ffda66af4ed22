/* SPDX-License-Identifier: Apache-2.0
 * The record of used decisions: one use each, the same again after a crash, and what a crash leaves of a row. */
#include "programs/signer/used.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define NOVEMBER 1795408000
#define DECEMBER (NOVEMBER + 20 * 86400)

static struct ch_arena *a;
static char folder[] = "/tmp/certhall-used-XXXXXX";

static enum ch_err take(const char *decision, int64_t time, const char *what)
{
    struct ch_fault f = {0};
    return used_take(a, folder, CH_BYTES(decision, strlen(decision)), time, CH_BYTES(what, strlen(what)), &f);
}

static void a_decision_is_used_once(void **state)
{
    (void)state;
    assert_int_equal(take("one", NOVEMBER, "serial 1"), CH_OK);
    assert_int_equal(take("one", NOVEMBER, "serial 1"), CH_OK);
    assert_int_equal(take("one", NOVEMBER, "serial 2"), CH_E_CONFLICT);
    assert_int_equal(take("two", NOVEMBER, "serial 2"), CH_OK);
    assert_int_equal(take("three", DECEMBER, "serial 3"), CH_OK);
    assert_int_equal(take("three", DECEMBER, "serial 4"), CH_E_CONFLICT);
    for (int i = 0; i < 1500; i++) /* more than are read at a time */
        assert_int_equal(take(ch_printf(a, "more %d", i), NOVEMBER, "x"), CH_OK);
    assert_int_equal(take("one", NOVEMBER, "serial 2"), CH_E_CONFLICT);
    assert_int_equal(take("more 1499", NOVEMBER, "y"), CH_E_CONFLICT);
}

static void half_a_row_is_nothing(void **state)
{
    const char *path = ch_printf(a, "%s/used-202612", folder);
    int fd = open(path, O_WRONLY | O_APPEND);

    (void)state;
    assert_int_equal(write(fd, "half a row", 10), 10);
    close(fd);
    assert_int_equal(take("four", DECEMBER, "serial 5"), CH_OK);
    assert_int_equal(take("four", DECEMBER, "serial 6"), CH_E_CONFLICT);
    assert_int_equal(take("three", DECEMBER, "serial 4"), CH_E_CONFLICT);
}

static void no_record_no_use(void **state)
{
    struct ch_fault f = {0};

    (void)state;
    assert_int_equal(used_take(a, "/nonexistent", CH_LIT("x"), NOVEMBER, CH_LIT("y"), &f), CH_E_INTERNAL);
}

static int begin(void **state)
{
    (void)state;
    a = ch_arena_new();
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    unlink(ch_printf(a, "%s/used-202611", folder));
    unlink(ch_printf(a, "%s/used-202612", folder));
    ch_arena_free(a);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decision_is_used_once),
        cmocka_unit_test(half_a_row_is_nothing),
        cmocka_unit_test(no_record_no_use),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
