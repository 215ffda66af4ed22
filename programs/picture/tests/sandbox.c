/* SPDX-License-Identifier: Apache-2.0
 * The sandbox of the decoders, tried in a process of its own. */
#include "programs/picture/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Starts a process that enters the sandbox, calls `act`, and decodes for ever. `said` is its standard output. */
static pid_t enter(void (*act)(void), int *said)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (!picture_sandbox_enter())
            _exit(3);
        act();
        for (;;)
            ;
    }
    close(ends[1]);
    *said = ends[0];
    return child;
}

static size_t read_all(int fd, char *to, size_t room)
{
    size_t n = 0;
    ssize_t k;

    while ((k = read(fd, to + n, room - n)) > 0)
        n += (size_t)k;
    close(fd);
    return n;
}

static void say_ready(void)
{
    if (write(STDOUT_FILENO, "+", 1) != 1)
        _exit(4);
}

/* The kernel sends the signal when the seconds are used up; here it is the test that does. */
static void a_file_that_costs_too_much_is_unreadable(void **state)
{
    char text[64] = "";
    int fd, status;

    (void)state;
    pid_t child = enter(say_ready, &fd);
    assert_int_equal(read(fd, text, 1), 1);
    assert_int_equal(text[0], '+');
    assert_int_equal(kill(child, SIGXCPU), 0);
    size_t n = read_all(fd, text, sizeof text - 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(n, strlen("no unreadable\n"));
    assert_memory_equal(text, "no unreadable\n", n);
}

#ifndef __SANITIZE_ADDRESS__ /* such a build keeps its system calls (core/base/harden.h) */
/* Tries things that decoding does not need, and writes a letter for each that was possible. */
static void try_everything(void)
{
    struct rlimit time, memory;
    bool bounded = getrlimit(RLIMIT_CPU, &time) != 0 || (time.rlim_cur <= 8 && time.rlim_max <= 16);

    if (!bounded || (getrlimit(RLIMIT_AS, &memory) == 0 && memory.rlim_max > (rlim_t)768 * 1024 * 1024))
        (void)!write(STDOUT_FILENO, "l", 1);
    if (open("/dev/null", O_RDONLY) >= 0)
        (void)!write(STDOUT_FILENO, "o", 1);
    if (fork() >= 0)
        (void)!write(STDOUT_FILENO, "f", 1);
    if (kill(getpid(), 0) == 0)
        (void)!write(STDOUT_FILENO, "k", 1);
    _exit(0);
}

static void nothing_but_computing_is_left(void **state)
{
    char text[64];
    int fd, status;

    (void)state;
    pid_t child = enter(try_everything, &fd);
    assert_int_equal(read_all(fd, text, sizeof text), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_costs_too_much_is_unreadable),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(nothing_but_computing_is_left),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
