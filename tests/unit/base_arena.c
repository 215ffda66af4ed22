/* SPDX-License-Identifier: Apache-2.0
 * Arena and buffer: what is taken is zeroed and apart, and a reset runs the clean-ups. */
#include "core/base/arena.h"
#include "core/base/buf.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct ch_arena *a;
static char order[16];

static void note(void *ptr)
{
    strcat(order, ptr);
}

static void pieces_are_zeroed_and_apart(void **state)
{
    unsigned char *seen[200];

    (void)state;
    for (size_t i = 0; i < CH_COUNT(seen); i++) {
        seen[i] = ch_alloc(a, i * 37);
        for (size_t k = 0; k < i * 37; k++)
            assert_int_equal(seen[i][k], 0);
        memset(seen[i], (int)i, i * 37);
    }
    for (size_t i = 0; i < CH_COUNT(seen); i++)
        for (size_t k = 0; k < i * 37; k++)
            assert_int_equal(seen[i][k], i & 255);
}

static void pieces_fit_any_type(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++)
        assert_int_equal((uintptr_t)ch_alloc(a, n) % _Alignof(max_align_t), 0);
}

static void a_block_used_again_is_zeroed_again(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        unsigned char *p = ch_alloc(a, 1000);
        for (int i = 0; i < 1000; i++)
            assert_int_equal(p[i], 0);
        memset(p, 255, 1000);
        ch_arena_reset(a);
    }
}

static void a_large_piece_is_given_back(void **state)
{
    (void)state;
    memset(ch_alloc(a, 5 * 1024 * 1024), 1, 5 * 1024 * 1024);
    ch_arena_reset(a);
    assert_non_null(ch_alloc(a, 16));
}

static void clean_ups_run_last_first_and_once(void **state)
{
    (void)state;
    order[0] = '\0';
    ch_defer(a, note, "1");
    ch_defer(a, note, "2");
    ch_defer(a, note, "3");
    ch_arena_reset(a);
    assert_string_equal(order, "321");
    ch_arena_reset(a);
    assert_string_equal(order, "321");
}

static void the_end_runs_clean_ups_as_well(void **state)
{
    struct ch_arena *own = ch_arena_new();

    (void)state;
    order[0] = '\0';
    ch_defer(own, note, "x");
    ch_arena_free(own);
    assert_string_equal(order, "x");
    ch_arena_free(NULL);
}

static unsigned char *secret, *peeked;

static void peek(void *unused)
{
    (void)unused;
    memcpy(peeked, secret, 32);
}

static void a_secret_is_cleansed(void **state)
{
    struct ch_arena *own = ch_arena_new();
    unsigned char copy[32] = {1};

    (void)state;
    peeked = copy;
    ch_defer(own, peek, NULL); /* registered first, it runs last, while the memory is still there */
    secret = ch_alloc_secret(own, sizeof copy);
    memset(secret, 0xa5, sizeof copy);
    ch_arena_free(own);
    for (size_t i = 0; i < sizeof copy; i++)
        assert_int_equal(copy[i], 0);
}

static void texts(void **state)
{
    struct ch_bytes b = ch_bytes_dup(a, CH_LIT("a\0b"));

    (void)state;
    assert_string_equal(ch_strdup(a, "证书"), "证书");
    assert_string_equal(ch_strndup(a, "abcdef", 3), "abc");
    assert_string_equal(ch_strndup(a, NULL, 0), "");
    assert_string_equal(ch_printf(a, "%d-%s", 7, "x"), "7-x");
    assert_int_equal(b.n, 3);
    assert_memory_equal(b.p, "a\0b", 3);
}

/* Runs f in a child; true when it ended by abort. */
static bool aborts(void (*f)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(0); /* seen as not having ended by abort */
        f();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void ask_too_many(void)
{
    ch_alloc_array(a, SIZE_MAX / 4, 8);
}

static void ask_too_much(void)
{
    ch_alloc(a, SIZE_MAX - 8);
}

static void an_overflow_ends_the_process(void **state)
{
    (void)state;
    assert_true(aborts(ask_too_many));
    assert_true(aborts(ask_too_much));
}

static void a_buffer_grows(void **state)
{
    struct ch_buf b;

    (void)state;
    ch_buf_init(&b, a);
    assert_string_equal(b.p, "");
    for (int i = 0; i < 10000; i++) {
        ch_buf_printf(&b, "%d,", i % 10);
        ch_buf_putc(&b, ';');
    }
    assert_int_equal(b.n, 30000);
    assert_int_equal(strlen(b.p), 30000);
    assert_memory_equal(b.p + 29997, "9,;", 3);
}

static void a_buffer_holds_any_byte(void **state)
{
    struct ch_buf b;

    (void)state;
    ch_buf_init(&b, a);
    ch_buf_add(&b, "\0\xff\0", 3);
    ch_buf_add(&b, NULL, 0);
    ch_buf_puts(&b, "x");
    assert_int_equal(ch_buf_bytes(&b).n, 4);
    assert_memory_equal(ch_buf_bytes(&b).p, "\0\xff\0x", 5);
}

static void a_buffer_at_its_edges(void **state)
{
    (void)state;
    for (size_t n = 250; n < 260; n++) {
        struct ch_buf b;
        char text[300];
        memset(text, 'x', sizeof text);
        ch_buf_init(&b, a);
        ch_buf_add(&b, text, n);
        ch_buf_printf(&b, "%s", "");
        assert_int_equal(b.n, n);
        assert_int_equal(b.p[n], '\0');
    }
}

static int set_up(void **state)
{
    (void)state;
    a = ch_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ch_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_and_apart),
        cmocka_unit_test(pieces_fit_any_type),
        cmocka_unit_test(a_block_used_again_is_zeroed_again),
        cmocka_unit_test(a_large_piece_is_given_back),
        cmocka_unit_test(clean_ups_run_last_first_and_once),
        cmocka_unit_test(the_end_runs_clean_ups_as_well),
        cmocka_unit_test(a_secret_is_cleansed),
        cmocka_unit_test(texts),
        cmocka_unit_test(an_overflow_ends_the_process),
        cmocka_unit_test(a_buffer_grows),
        cmocka_unit_test(a_buffer_holds_any_byte),
        cmocka_unit_test(a_buffer_at_its_edges),
    };
    return cmocka_run_group_tests_name("base_arena", tests, set_up, tear_down);
}
