# SPDX-License-Identifier: Apache-2.0
"""What the user who runs this gets of processes that belong to others, without files, sockets and the database (reach.py): prints
what succeeded, as a JSON list. Arguments: process ids. Nothing is harmed: signals are the empty one, and what attaches lets go."""
import ctypes
import json
import os
import resource
import socket
import stat
import sys

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_DETACH, PTRACE_SEIZE = 17, 0x4206
SYS = {"pidfd_open": 434, "pidfd_getfd": 438, "kcmp": 312, "process_madvise": 440}
SHM_RDONLY, MSG_STAT, SEM_STAT = 0o10000, 11, 18
seen = []


def attempt(what, call):
    try:
        if call() is not False:
            seen.append(what)
    except (OSError, ValueError):
        pass


def read_some(path):
    """Some files of /proc open and then refuse to be read."""
    with open(path, "rb", buffering=0) as f:
        return bool(f.read(1))


def attach(pid):
    if libc.ptrace(PTRACE_SEIZE, pid, None, None) != 0:
        return False
    libc.ptrace(PTRACE_DETACH, pid, None, None)
    return True


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def read_memory(pid):
    """Nothing is known of the other's addresses: EFAULT would tell that the kernel lets us look."""
    mine, theirs = Piece(ctypes.addressof(ctypes.create_string_buffer(8)), 8), Piece(4096, 8)
    done = libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0)
    return done >= 0 or ctypes.get_errno() == 14


def take_descriptor(pid):
    fd = libc.syscall(SYS["pidfd_open"], pid, 0)
    return fd >= 0 and libc.syscall(SYS["pidfd_getfd"], fd, 0, 0) >= 0


def compare(pid):
    return libc.syscall(SYS["kcmp"], os.getpid(), pid, 1, 0, 0) >= 0


def limit(pid):
    return resource.prlimit(pid, resource.RLIMIT_NOFILE) is not None


for pid in map(int, sys.argv[1:]):
    for name in ("environ", "mem", "maps", "smaps", "pagemap", "auxv", "stack", "syscall", "personality", "io"):
        attempt(f"{pid} {name}", lambda path=f"/proc/{pid}/{name}": read_some(path))
    for name in ("fd", "fdinfo", "map_files", "cwd/.", "root/."):
        attempt(f"{pid} {name}", lambda path=f"/proc/{pid}/{name}": os.listdir(path) is not None)
    for name in ("exe", "cwd", "root", "fd/1", "ns/mnt"):
        attempt(f"{pid} {name}", lambda path=f"/proc/{pid}/{name}": os.readlink(path) != "")
    for name in ("oom_score_adj", "clear_refs", "mem", "coredump_filter"):
        attempt(f"{pid} {name} written", lambda path=f"/proc/{pid}/{name}": os.close(os.open(path, os.O_WRONLY)) is None)
    attempt(f"{pid} signal", lambda: os.kill(pid, 0) is None)
    attempt(f"{pid} ptrace", lambda: attach(pid))
    attempt(f"{pid} memory", lambda: read_memory(pid))
    attempt(f"{pid} descriptor", lambda: take_descriptor(pid))
    attempt(f"{pid} kcmp", lambda: compare(pid))
    attempt(f"{pid} limits", lambda: limit(pid))
    attempt(f"{pid} priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19) is None)
    attempt(f"{pid} processors", lambda: os.sched_setaffinity(pid, os.sched_getaffinity(0)) is None)

# Memory, queues and semaphores that are shared: of System V, by their ids, and of POSIX, by their files.
libc.shmat.restype = ctypes.c_ssize_t
for kind, take in (("shm", lambda i: libc.shmat(i, None, SHM_RDONLY) != -1), ("msg", lambda i: libc.msgctl(i, MSG_STAT, ctypes.create_string_buffer(512)) >= 0),
                   ("sem", lambda i: libc.semop(i, ctypes.create_string_buffer(6), 1) == 0)):
    with open(f"/proc/sysvipc/{kind}", encoding="ascii") as table:
        head = table.readline().split()
        for line in table:
            row = dict(zip(head, line.split()))
            if int(row["uid"]) != os.getuid():
                attempt(f"{kind} of user {row['uid']}", lambda i=int(row[f"{kind}id"]): take(i))
for folder in ("/dev/shm", "/dev/mqueue"):
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        info = os.lstat(f"{folder}/{name}")
        if info.st_uid != os.getuid() and stat.S_ISREG(info.st_mode):
            attempt(f"{folder}/{name} of user {info.st_uid}", lambda path=f"{folder}/{name}": os.close(os.open(path, os.O_RDONLY)) is None)

# Sockets without a file have no owner who could keep others out.
with open("/proc/net/unix", encoding="ascii", errors="replace") as table:
    for line in table.readlines()[1:]:
        words = line.split()
        if len(words) == 8 and words[7].startswith("@") and int(words[3], 16) & 0x10000:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
                attempt(f"abstract socket {words[7]}", lambda name=words[7]: s.connect("\0" + name[1:]) is None)
print(json.dumps(seen))
