/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/picture/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define CPU_SECONDS 12
#define FILE_BYTES ((rlim_t)1024 * 1024) /* when standard output is a file */
#define MEMORY ((rlim_t)768 * 1024 * 1024)

static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(lseek),
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(brk),
    SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday), SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(exit), SCMP_SYS(exit_group),
};

static bool bound(int what, rlim_t most)
{
    return setrlimit(what, &(struct rlimit){most, most}) == 0;
}

static bool filter(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = f != NULL;

    for (size_t i = 0; ok && i < CH_COUNT(allowed); i++)
        ok = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    ok = ok && seccomp_load(f) == 0;
    seccomp_release(f);
    return ok;
}

/* A build with sanitizers maps terabytes, and its end looks at the process from outside: there only the time is bound. */
#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0"; /* the decoders' libraries keep what they have to the end, and so does this process */
}

bool picture_tie_hands(void)
{
    (void)filter, (void)MEMORY;
    return bound(RLIMIT_CPU, CPU_SECONDS) && bound(RLIMIT_FSIZE, FILE_BYTES) && bound(RLIMIT_CORE, 0);
}
#else
bool picture_tie_hands(void)
{
    return bound(RLIMIT_CPU, CPU_SECONDS) && bound(RLIMIT_AS, MEMORY) && bound(RLIMIT_FSIZE, FILE_BYTES) &&
           bound(RLIMIT_NOFILE, 3) && bound(RLIMIT_CORE, 0) && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter();
}
#endif
