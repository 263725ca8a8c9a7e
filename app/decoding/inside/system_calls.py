"""Let a process ask of Linux's kernel nothing but memory, time, and what it needs to answer: seccomp(2), by a filter.

What is not in the list fails with EPERM: opening files, sockets, processes, signals to others, and all that a kernel
may learn in future. The process keeps its open files, which are one socket.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

# by the kernel's numbers: what CPython, Pillow, zlib and the C library do once everything is loaded
X86_64 = {
    "read": 0, "write": 1, "close": 3, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "mremap": 25, "madvise": 28,
    "getpid": 39, "exit": 60, "gettimeofday": 96, "sigaltstack": 131, "gettid": 186, "futex": 202,
    "restart_syscall": 219, "clock_gettime": 228, "exit_group": 231, "getrandom": 318,
}  # fmt: skip
AARCH64 = {
    "close": 57, "read": 63, "write": 64, "exit": 93, "exit_group": 94, "futex": 98,
    "clock_gettime": 113, "sched_yield": 124, "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134,
    "rt_sigprocmask": 135, "rt_sigreturn": 139, "gettimeofday": 169, "getpid": 172, "gettid": 178, "brk": 214,
    "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226, "madvise": 233, "getrandom": 278,
}  # fmt: skip
MACHINES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}  # AUDIT_ARCH_* (linux/audit.h)

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K (linux/bpf_common.h)
NUMBER, MACHINE = 0, 4  # where struct seccomp_data has them
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000  # SECCOMP_RET_*
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
MODE_FILTER = 2


class Instruction(ctypes.Structure):
    """struct sock_filter: what to do, and how far to jump if it holds and if not."""

    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_uint16), ("start", ctypes.POINTER(Instruction)))


def restrict() -> bool:
    """Install the filter for the rest of this process's life; False where that can't be done."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return False
    program = _program(*MACHINES[platform.machine()])
    libc = ctypes.CDLL(None)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def can_restrict() -> bool:
    """Tell whether the filter can be installed, by doing so in a process that ends at once."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if restrict() else 1)
    return os.waitpid(pid, 0)[1] == 0


def _program(machine: int, numbers: dict[str, int]) -> Program:
    steps = [Instruction(LOAD, 0, 0, MACHINE), Instruction(EQUAL, 1, 0, machine), Instruction(RETURN, 0, 0, KILL)]
    steps.append(Instruction(LOAD, 0, 0, NUMBER))
    for left, number in zip(range(len(numbers), 0, -1), numbers.values(), strict=True):
        steps.append(Instruction(EQUAL, left, 0, number))
    steps += [Instruction(RETURN, 0, 0, REFUSE), Instruction(RETURN, 0, 0, ALLOW)]
    return Program(len(steps), (Instruction * len(steps))(*steps))
