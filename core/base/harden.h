/* SPDX-License-Identifier: Apache-2.0
 * The rights that a process gives up for the rest of its life, so that whoever takes it over through a mistake of ours or of a
 * library gets little: a list of the system calls that it may make, no folder that everybody may write to (/tmp, /var/tmp,
 * /dev/shm), and no core files, debuggers, capabilities or new privileges.
 * What is common to all daemons is here; certhall-picture adds narrower limits of its own (programs/picture/sandbox.h). */
#ifndef CH_BASE_HARDEN_H
#define CH_BASE_HARDEN_H

#include "core/base/defs.h"

/* What a process does besides computing, allocating memory, and reading and writing what is open already. The system calls of each
 * are in harden.tbl. */
enum ch_needs {
    CH_NEEDS_FILES = 1 << 0,  /* opens and changes files */
    CH_NEEDS_SERVE = 1 << 1,  /* threads, waiting, signals to itself, Unix sockets */
    CH_NEEDS_NET = 1 << 2,    /* sockets of the Internet */
    CH_NEEDS_EXEC = 1 << 3,   /* starts programs, which stay under the same list, and kills them */
    CH_NEEDS_DEVICE = 1 << 4, /* devices, shared memory and shared folders, for the library of an HSM */
};
#define CH_NEEDS_DAEMON ((unsigned)CH_NEEDS_FILES | CH_NEEDS_SERVE)

/* Gives up everything that is not needed. A system call that is not allowed fails with EPERM. To be called before the first thread is
 * started, and after whatever needs more. A build with the address sanitizer keeps its system calls and memory, since the sanitizer
 * maps terabytes and its leak checker attaches to the process; everything else holds there as well. False when the kernel refuses:
 * the program must not go on then. */
bool ch_harden(unsigned needs) CH_MUST;

/* Sets soft and hard limit of a resource (setrlimit) to `most`, or leaves them if they are lower. */
bool ch_limit(int resource, uint64_t most) CH_MUST;

#endif
