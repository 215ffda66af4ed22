/* SPDX-License-Identifier: Apache-2.0
 * What a process can still do after it has given up its rights, tried in processes of their own. */
#include "core/base/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef __SANITIZE_ADDRESS__
#define FILTERED false /* such a build keeps its system calls (harden.h) */
#else
#define FILTERED true
#endif

typedef bool attempt(void);

/* Whether the attempt succeeds in a process that has given up all but these needs. */
static bool can(unsigned needs, attempt *try)
{
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(!ch_harden(needs) ? 2 : try() ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 2);
    return WEXITSTATUS(status) == 0;
}

static bool computes(void)
{
    char *p = malloc(1 << 20);
    bool ok = p != NULL;

    free(p);
    return ok && write(STDERR_FILENO, "", 0) == 0;
}

static bool opens_file(void)
{
    return open("/dev/null", O_RDONLY) >= 0;
}

static bool opens_socket_of(int domain)
{
    return socket(domain, SOCK_STREAM, 0) >= 0;
}
static bool opens_unix_socket(void)
{
    return opens_socket_of(AF_UNIX);
}
static bool opens_ipv4_socket(void)
{
    return opens_socket_of(AF_INET);
}
static bool opens_ipv6_socket(void)
{
    return opens_socket_of(AF_INET6) || errno == EAFNOSUPPORT;
}
/* Does what OpenSSL does for requests to an external authority. */
static bool makes_sockets_that_do_not_block(void)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && ioctl(fd, FIONBIO, &on) == 0;
}
static bool asks_a_device(void)
{
    int n;
    return ioctl(STDIN_FILENO, FIONREAD, &n) == 0 || errno != EPERM;
}

static bool opens_packet_socket(void)
{
    return opens_socket_of(AF_PACKET) || socket(AF_VSOCK, SOCK_STREAM, 0) >= 0;
}

static void *nothing(void *unused)
{
    return unused;
}
static bool starts_thread(void)
{
    pthread_t t;
    return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0;
}

static bool forks(void)
{
    pid_t child = fork();

    if (child == 0)
        _exit(0);
    return child > 0;
}

static bool starts_program(void)
{
    char *const argv[] = {(char[]){"true"}, NULL}, *const env[] = {NULL};
    int status = -1;
    pid_t child;

    return posix_spawn(&child, "/bin/true", NULL, NULL, argv, env) == 0 && waitpid(child, &status, 0) == child &&
           status == 0;
}

static bool kills_others(void)
{
    return kill(getppid(), 0) == 0 || kill(getppid(), SIGTERM) == 0;
}

/* Things that no process of the hall may do, whatever it needs: another process's memory, namespaces, mounts, kernel interfaces. */
static bool does_mischief(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};

    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ||
           syscall(SYS_process_vm_readv, getpid(), &here, 1ul, &there, 1ul, 0ul) >= 0 ||
           syscall(SYS_unshare, 0x10000000) == 0 || syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != EPERM ||
           syscall(SYS_memfd_create, "x", 0) >= 0 || syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno != EPERM ||
           syscall(SYS_keyctl, 0, 0, 0, 0, 0) >= 0 || errno != EPERM || syscall(SYS_userfaultfd, 0) >= 0 ||
           syscall(SYS_personality, 0xffffffff) >= 0 || syscall(SYS_setuid, getuid()) == 0 ||
           syscall(SYS_chroot, "/") == 0 || syscall(SYS_mount, "x", "/", "tmpfs", 0ul, NULL) == 0;
}

static void a_need_allows_what_it_says(void **state)
{
    static const struct {
        attempt *try;
        unsigned needs; /* one of these allows it; 0: everybody may */
    } rows[] = {
        {computes, 0},
        {opens_file, CH_NEEDS_FILES},
        {opens_unix_socket, CH_NEEDS_SERVE},
        {opens_ipv4_socket, CH_NEEDS_NET},
        {opens_ipv6_socket, CH_NEEDS_NET},
        {makes_sockets_that_do_not_block, CH_NEEDS_NET},
        {asks_a_device, CH_NEEDS_DEVICE},
    };
    static const unsigned needs[] = {CH_NEEDS_FILES, CH_NEEDS_SERVE, CH_NEEDS_NET, CH_NEEDS_EXEC, CH_NEEDS_DEVICE};

    (void)state;
    for (size_t i = 0; i < CH_COUNT(rows); i++) {
        assert_int_equal(can(0, rows[i].try), rows[i].needs == 0 || !FILTERED);
        for (size_t n = 0; n < CH_COUNT(needs); n++)
            assert_int_equal(can(needs[n], rows[i].try), rows[i].needs == 0 || rows[i].needs == needs[n] || !FILTERED);
    }
}

static void a_daemon_has_threads_and_no_processes(void **state)
{
    (void)state;
    assert_true(can(CH_NEEDS_DAEMON, starts_thread));
    assert_int_equal(can(CH_NEEDS_DAEMON | CH_NEEDS_NET, forks), !FILTERED);
    assert_int_equal(can(CH_NEEDS_DAEMON | CH_NEEDS_NET, starts_program), !FILTERED);
    assert_true(can(CH_NEEDS_DAEMON | CH_NEEDS_EXEC, starts_program));
    assert_true(can(CH_NEEDS_DAEMON | CH_NEEDS_EXEC, starts_thread));
}

static void nobody_does_mischief(void **state)
{
    unsigned everything = CH_NEEDS_DAEMON | CH_NEEDS_NET | CH_NEEDS_EXEC;

    (void)state;
    if (!FILTERED)
        return;
    assert_false(can(0, does_mischief));
    assert_false(can(everything, does_mischief));
    assert_false(can(everything | CH_NEEDS_DEVICE, does_mischief));
    assert_false(can(everything, opens_packet_socket));
    assert_false(can(everything, kills_others));
}

static bool has_given_up(void)
{
    struct rlimit core, tasks;
    char line[256];
    int right = 0;
    FILE *f = fopen("/proc/self/status", "r");

    if (f == NULL || getrlimit(RLIMIT_CORE, &core) != 0 || getrlimit(RLIMIT_NPROC, &tasks) != 0)
        return false;
    while (fgets(line, sizeof line, f) != NULL)
        right += strcmp(line, "NoNewPrivs:\t1\n") == 0 || strcmp(line, "CapEff:\t0000000000000000\n") == 0 ||
                 strcmp(line, "CapPrm:\t0000000000000000\n") == 0 || strcmp(line, "CapInh:\t0000000000000000\n") == 0 ||
                 strcmp(line, FILTERED ? "Seccomp:\t2\n" : "Seccomp:\t0\n") == 0;
    return right == 5 && core.rlim_max == 0 && tasks.rlim_max <= 4096 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static void the_kernel_knows(void **state)
{
    (void)state;
    assert_true(can(CH_NEEDS_DAEMON | CH_NEEDS_EXEC, has_given_up));
}

static char installation[] = "/tmp/certhall-harden-XXXXXX";

static bool makes_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd >= 0)
        unlink(path);
    return fd >= 0;
}

static bool reaches_shared_folders(void)
{
    return makes_file("/tmp/certhall-harden") || makes_file("/var/tmp/certhall-harden") ||
           makes_file("/dev/shm/certhall-harden") || open("/tmp", O_RDONLY | O_DIRECTORY) >= 0 || errno != EACCES;
}

/* In a folder below /tmp, for example: makes files, and moves them from one folder to another. */
static bool uses_its_installation(void)
{
    char from[64], to[64];

    snprintf(from, sizeof from, "%s/a", installation);
    snprintf(to, sizeof to, "%s/b/a", installation);
    int fd = open(from, O_WRONLY | O_CREAT, 0600);
    return fd >= 0 && rename(from, to) == 0 && unlink(to) == 0;
}

static bool uses_shared_memory(void)
{
    return makes_file("/dev/shm/certhall-harden");
}

/* Under a supervisor standard error is a pipe, to which /dev/stderr leads. */
static bool can_with_pipe(unsigned needs, attempt *try)
{
    int ends[2], kept = dup(STDERR_FILENO);

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    bool did = can(needs, try);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(ends[0]);
    close(ends[1]);
    return did;
}

static void shared_folders_are_hidden(void **state)
{
    char path[64];

    (void)state;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 2)
        skip();
    assert_non_null(mkdtemp(installation));
    snprintf(path, sizeof path, "%s/b", installation);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(can(CH_NEEDS_DAEMON, reaches_shared_folders));
    assert_false(can(CH_NEEDS_DAEMON, uses_its_installation)); /* nothing says yet that it is one */
    assert_true(can_with_pipe(CH_NEEDS_DAEMON, computes));
    snprintf(path, sizeof path, "%s/hall.conf", installation);
    setenv("CERTHALL_CONF", path, 1);
    assert_true(can(CH_NEEDS_DAEMON, uses_its_installation));
    assert_false(can(CH_NEEDS_DAEMON, reaches_shared_folders));
    assert_true(can(CH_NEEDS_DAEMON | CH_NEEDS_DEVICE, uses_shared_memory));
    unsetenv("CERTHALL_CONF");
    snprintf(path, sizeof path, "%s/b", installation);
    rmdir(path);
    rmdir(installation);
}

static bool a_lower_limit_stays(void)
{
    struct rlimit now;

    return ch_limit(RLIMIT_FSIZE, 1000) && ch_limit(RLIMIT_FSIZE, 2000) && getrlimit(RLIMIT_FSIZE, &now) == 0 &&
           now.rlim_max == 1000 && now.rlim_cur == 1000;
}

static void limits_only_go_down(void **state)
{
    (void)state;
    assert_true(can(CH_NEEDS_DAEMON, a_lower_limit_stays));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_need_allows_what_it_says), cmocka_unit_test(a_daemon_has_threads_and_no_processes),
        cmocka_unit_test(nobody_does_mischief),       cmocka_unit_test(the_kernel_knows),
        cmocka_unit_test(limits_only_go_down),        cmocka_unit_test(shared_folders_are_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
