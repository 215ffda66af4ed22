/* SPDX-License-Identifier: Apache-2.0
 * Giving up rights by resource limits, capset, prctl, Landlock and a seccomp filter. */
#include "core/base/harden.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DATA_MOST ((uint64_t)2 << 30)
#define TASKS_MOST 4096 /* of the user, not of the process: against a program that starts itself without end */
#define NAMESPACES \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

bool ch_limit(int resource, uint64_t most)
{
    struct rlimit now;

    if (getrlimit((__rlimit_resource_t)resource, &now) != 0)
        return false;
    rlim_t least = now.rlim_max < most ? now.rlim_max : (rlim_t)most;
    return setrlimit((__rlimit_resource_t)resource, &(struct rlimit){least, least}) == 0;
}

/* The bounding set can be emptied only by a process that still has rights over it; for the others it means nothing, since they cannot
 * gain privileges any more. */
static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
            break;
    return syscall(SYS_capset, &header, none) == 0;
}

/* ---- shared folders ---- */

#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE)
#define OF_FOLDERS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1) /* all of the first version, those of files included */

/* Allows everything below `path`, or the file itself. What is not there, or may not be seen, needs no rule; a symbolic link needs
 * none, since what it leads to counts (and /dev/stderr leads to what has no place in a tree of folders). */
static bool allow_path(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.parent_fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat st;

    if (rule.parent_fd < 0)
        return true;
    bool ok = fstat(rule.parent_fd, &st) == 0;
    rule.allowed_access = S_ISDIR(st.st_mode) ? rights : rights & OF_FILES;
    if (ok && !S_ISLNK(st.st_mode))
        ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(rule.parent_fd);
    return ok;
}

/* Allows everything in a folder but what is shared, and the folders that have something shared in them. */
static bool allow_entries(int ruleset, const char *folder, uint64_t rights)
{
    static const char *const but[] = {"/tmp", "/var", "/var/tmp", "/dev", "/dev/shm"};
    DIR *dir = opendir(*folder != '\0' ? folder : "/");
    bool ok = dir != NULL;
    char path[PATH_MAX];

    for (struct dirent *d; ok && (d = readdir(dir)) != NULL;) {
        bool allowed = d->d_name[0] != '.';
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        for (size_t i = 0; i < CH_COUNT(but); i++)
            allowed = allowed && strcmp(path, but[i]) != 0;
        if (allowed)
            ok = allow_path(ruleset, path, rights);
    }
    if (dir != NULL)
        closedir(dir);
    return ok;
}

/* The folder of the settings file is the installation's, wherever it is. */
static bool allow_installation(int ruleset, uint64_t rights)
{
    const char *conf = getenv("CERTHALL_CONF");
    char folder[PATH_MAX];

    if (conf == NULL || strrchr(conf, '/') == NULL)
        return true;
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(conf, '/') - conf), conf);
    return allow_path(ruleset, folder, rights);
}

/* Nobody of ours uses the folders that everybody may write to (/tmp, /var/tmp, /dev/shm), where programs of other users can lay things
 * in their way or find theirs; only the library of an HSM may need them. A process that opens no files at all needs no rule. A kernel
 * before 5.19 cannot hide them without forbidding files to be moved between folders, and hides nothing. */
static bool hide_shared_folders(unsigned needs)
{
    const uint64_t rights = OF_FOLDERS | LANDLOCK_ACCESS_FS_REFER;
    const struct landlock_ruleset_attr all = {.handled_access_fs = rights};
    const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    if (version < 2 || (needs & CH_NEEDS_FILES) == 0 || (needs & CH_NEEDS_DEVICE) != 0)
        return true;
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    bool ok = ruleset >= 0 && allow_entries(ruleset, "", rights) && allow_entries(ruleset, "/var", rights) &&
              allow_entries(ruleset, "/dev", rights) && allow_installation(ruleset, rights) &&
              syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    if (ruleset >= 0)
        close(ruleset);
    return ok;
}

/* ---- system calls ---- */

#ifdef __SANITIZE_ADDRESS__

static bool limit_data(void)
{
    return true;
}

static bool filter_calls(unsigned needs)
{
    (void)needs;
    return true;
}

#else

static bool limit_data(void)
{
    return ch_limit(RLIMIT_DATA, DATA_MOST);
}

static const struct {
    int call;
    unsigned needs; /* one of these allows it; 0: every process may */
} calls[] = {
#define CH_SYSCALL(call, needs) {SCMP_SYS(call), (needs)},
#include "core/base/harden.tbl"
#undef CH_SYSCALL
};

static bool allow_socket(scmp_filter_ctx f, int domain)
{
    return seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)domain)) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)domain)) == 0;
}

/* The resolver asks the kernel for our own addresses by netlink, and OpenSSL's own client sets by ioctl that its sockets do not
 * block. */
static bool allow_sockets(scmp_filter_ctx f, unsigned needs)
{
    bool ok = (needs & CH_NEEDS_SERVE) == 0 || allow_socket(f, AF_UNIX);

    if ((needs & CH_NEEDS_NET) != 0)
        ok = ok && allow_socket(f, AF_INET) && allow_socket(f, AF_INET6) && allow_socket(f, AF_NETLINK) &&
             ((needs & CH_NEEDS_DEVICE) != 0 ||
              seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, FIONBIO)) == 0);
    return ok;
}

/* Threads, or processes too, but no namespaces. The arguments of clone3 are behind a pointer, which a filter cannot follow; where it
 * seems not to exist, the C library takes clone. */
static bool allow_tasks(scmp_filter_ctx f, unsigned needs)
{
    bool ok = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;

    if ((needs & CH_NEEDS_EXEC) != 0)
        return ok &&
               seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES, 0)) == 0 &&
               seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1, SCMP_A1(SCMP_CMP_EQ, SIGKILL)) == 0;
    if ((needs & CH_NEEDS_SERVE) != 0)
        ok = ok &&
             seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | NAMESPACES, CLONE_THREAD)) == 0 &&
             seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) == 0;
    return ok;
}

/* System calls of other architectures (32 bit, x32) end the process. The list is searched as a tree, and the kernel remembers what is
 * always allowed: a read takes 2.7 % more instructions in the module. The brake on speculation that old kernels couple with a
 * filter is for code of strangers, which does not run here. */
static bool filter_calls(unsigned needs)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = f != NULL && seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
              seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 && seccomp_attr_set(f, SCMP_FLTATR_CTL_SSB, 1) == 0;

    for (size_t i = 0; ok && i < CH_COUNT(calls); i++)
        if (calls[i].needs == 0 || (calls[i].needs & needs) != 0)
            ok = seccomp_rule_add(f, SCMP_ACT_ALLOW, calls[i].call, 0) == 0;
    ok = ok && allow_sockets(f, needs) && allow_tasks(f, needs) && seccomp_load(f) == 0;
    seccomp_release(f);
    return ok;
}

#endif

bool ch_harden(unsigned needs)
{
    return ch_limit(RLIMIT_CORE, 0) && ch_limit(RLIMIT_NPROC, TASKS_MOST) && limit_data() && drop_capabilities() &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           hide_shared_folders(needs) && filter_calls(needs);
}
