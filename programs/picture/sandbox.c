/* SPDX-License-Identifier: Apache-2.0
 * The sandbox of the decoders: resource limits, and a list of allowed system calls by libseccomp. */
#include "programs/picture/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define CPU_SECONDS 12
#define FILE_BYTES ((rlim_t)1024 * 1024) /* applies when standard output is a file */
#define MEMORY ((rlim_t)768 * 1024 * 1024)

static const int allowed[] = {
    SCMP_SYS(read),           SCMP_SYS(write),        SCMP_SYS(close),       SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),     SCMP_SYS(lseek),        SCMP_SYS(mmap),        SCMP_SYS(munmap),
    SCMP_SYS(mremap),         SCMP_SYS(mprotect),     SCMP_SYS(madvise),     SCMP_SYS(brk),
    SCMP_SYS(futex),          SCMP_SYS(getpid),       SCMP_SYS(gettid),      SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday), SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(exit),         SCMP_SYS(exit_group),
};

static bool limit_resource(int what, rlim_t most)
{
    return setrlimit(what, &(struct rlimit){most, most}) == 0;
}

static bool filter_calls(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = f != NULL;

    for (size_t i = 0; ok && i < CH_COUNT(allowed); i++)
        ok = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    ok = ok && seccomp_load(f) == 0;
    seccomp_release(f);
    return ok;
}

/* The address sanitizer maps terabytes and needs further system calls at the end, so such a build only limits time and files. */
#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0"; /* the decoders' libraries never free some memory, which does no harm in a short-lived process */
}

bool picture_sandbox_enter(void)
{
    (void)filter_calls, (void)MEMORY;
    return limit_resource(RLIMIT_CPU, CPU_SECONDS) && limit_resource(RLIMIT_FSIZE, FILE_BYTES) &&
           limit_resource(RLIMIT_CORE, 0);
}
#else
bool picture_sandbox_enter(void)
{
    return limit_resource(RLIMIT_CPU, CPU_SECONDS) && limit_resource(RLIMIT_AS, MEMORY) &&
           limit_resource(RLIMIT_FSIZE, FILE_BYTES) && limit_resource(RLIMIT_NOFILE, 3) && limit_resource(RLIMIT_CORE, 0) &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && filter_calls();
}
#endif
