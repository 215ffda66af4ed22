/* SPDX-License-Identifier: Apache-2.0
 * The sandbox of the decoders: limits of time and memory, and no system calls but those that compute. */
#include "programs/picture/sandbox.h"

#include "core/base/harden.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define CPU_SECONDS 8
#define FILE_BYTES (1024 * 1024) /* applies when standard output is a file */
#define MEMORY (768 * 1024 * 1024)

/* A file that costs too much is told as one that cannot be read, so that nobody decodes it again. */
static void give_up(int number)
{
    static const char said[] = "no unreadable\n";

    (void)number;
    _exit(write(STDOUT_FILENO, said, sizeof said - 1) > 0 ? 0 : 1);
}

#ifdef __SANITIZE_ADDRESS__
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0"; /* the decoders' libraries never free some memory, which does no harm in a short-lived process */
}
#endif

bool picture_sandbox_enter(void)
{
    /* The signal comes when the seconds are used up; what does not stop then is killed at twice as many. */
    const struct rlimit seconds = {CPU_SECONDS, 2 * CPU_SECONDS};

#ifndef __SANITIZE_ADDRESS__ /* the address sanitizer maps terabytes */
    if (!ch_limit(RLIMIT_AS, MEMORY) || !ch_limit(RLIMIT_NOFILE, 3))
        return false;
#endif
    return signal(SIGXCPU, give_up) != SIG_ERR && setrlimit(RLIMIT_CPU, &seconds) == 0 &&
           ch_limit(RLIMIT_FSIZE, FILE_BYTES) && ch_harden(0);
}
