"""Seccomp: system calls that a student's process has no business with are refused with EPERM.

No new process, no program, no socket, no tracing, no signal to anyone else, no mounts, no kernel objects that outlive
the process. A change of a file's mode, owner or times, which Landlock lets pass, seems to succeed and changes nothing.
Threads stay possible. A hand-written filter in classic BPF: the
Python bindings need libseccomp's shared library, which a fresh machine need not have.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

_NAMES = tuple(
    """
    fork vfork execve execveat ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd
    pidfd_send_signal perf_event_open socket connect bind listen io_uring_setup io_uring_enter io_uring_register bpf
    mount umount2 pivot_root chroot unshare setns add_key request_key keyctl init_module finit_module delete_module
    kexec_load kexec_file_load reboot swapon swapoff acct quotactl name_to_handle_at open_by_handle_at open_tree
    move_mount fsopen fsconfig fsmount fspick mount_setattr userfaultfd personality settimeofday clock_settime
    clock_adjtime adjtimex sethostname setdomainname iopl ioperm modify_ldt vhangup syslog memfd_create memfd_secret
    shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink
    ioprio_set migrate_pages move_pages mknod mknodat tkill sched_setscheduler sched_setattr
    sched_setparam fanotify_init quotactl_fd
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr setxattrat removexattrat
    """.split()  # noqa: SIM905  (a hundred quoted names are hard to read)
)
# In the order of _NAMES; None where the architecture has no such call (from the kernel's unistd headers).
_X86_64: tuple[int | None, ...] = (
    57, 58, 59, 322, 101, 310, 311, 440, 312, 434, 438,
    424, 298, 41, 42, 49, 50, 425, 426, 427, 321,
    165, 166, 155, 161, 272, 308, 248, 249, 250, 175, 313, 176,
    246, 320, 169, 167, 168, 163, 179, 303, 304, 428,
    429, 430, 431, 432, 433, 442, 323, 135, 164, 227,
    305, 159, 170, 171, 172, 173, 154, 153, 103, 319, 447,
    29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71, 240, 241,
    251, 256, 279, 133, 259, 200, 144, 314,
    142, 300, 443,
    188, 189, 190, 197, 198, 199, 463, 466,
)  # fmt: skip
_AARCH64: tuple[int | None, ...] = (
    None, None, 221, 281, 117, 270, 271, 440, 272, 434, 438,
    424, 241, 198, 203, 200, 201, 425, 426, 427, 280,
    40, 39, 41, 51, 97, 268, 217, 218, 219, 105, 273, 106,
    104, 294, 142, 224, 225, 89, 60, 264, 265, 428,
    429, 430, 431, 432, 433, 442, 282, 92, 170, 112,
    266, 171, 161, 162, None, None, None, 58, 116, 279, 447,
    194, 196, 195, 197, 190, 193, 191, 192, 186, 189, 188, 187, 180, 181,
    30, 238, 239, None, 33, 130, 119, 274,
    118, 262, 443,
    5, 6, 7, 14, 15, 16, 463, 466,
)  # fmt: skip
# Calls that succeed without effect, since programs that mean no harm make them: chmod fchmod fchmodat fchmodat2 chown
# fchown lchown fchownat utime utimes futimesat utimensat setpriority.
_PRETENDED = {
    "x86_64": (90, 91, 268, 452, 92, 93, 94, 260, 132, 235, 261, 280, 141),
    "aarch64": (52, 53, 452, 55, 54, 88, 140),
}
# Calls that depend on an argument: those that may only name the caller itself, then four of their own.
_OF_SELF = {"x86_64": (62, 234, 129, 297), "aarch64": (129, 131, 138, 240)}  # kill, tgkill, two sigqueueinfo
# For these 0 is the caller too: sched_setaffinity, and prlimit, by which the kernel lets limits only be lowered.
_OF_SELF_OR_0 = {"x86_64": (203, 302), "aarch64": (122, 261)}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def available() -> bool:
    """Whether this kernel has seccomp filters and this architecture a table here."""
    return platform.machine() in _AUDIT_ARCH and os.path.exists("/proc/sys/kernel/seccomp/actions_avail")


def restrict() -> None:
    """Install the filter on this thread for good; needs no-new-privileges. Raises OSError."""
    code = _filter(platform.machine(), os.getpid())
    buffer = ctypes.create_string_buffer(code)
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")


def _filter(machine: str, pid: int) -> bytes:
    """The BPF program: the call's number is at offset 0, the architecture at 4, argument n at 16 + 8n."""
    refuse = _op(_RETURN, _ERRNO | errno.EPERM)
    code = [_op(_LOAD, 4), _op(_EQUAL, _AUDIT_ARCH[machine], 1, 0), _op(_RETURN, _KILL), _op(_LOAD, 0)]
    if machine == "x86_64":
        code += [_op(_AT_LEAST, _X32_BIT, 0, 1), refuse]
    numbers = _X86_64 if machine == "x86_64" else _AARCH64
    for number in numbers:
        if number is not None:
            code += [_op(_EQUAL, number, 0, 1), refuse]
    for number in _PRETENDED[machine]:
        code += [_op(_EQUAL, number, 0, 1), _op(_RETURN, _ERRNO)]
    code += [_op(_EQUAL, _CLONE3, 0, 1), _op(_RETURN, _ERRNO | errno.ENOSYS)]  # the C library then takes clone
    for number in _OF_SELF[machine]:
        code += [_op(_EQUAL, number, 0, 4), _op(_LOAD, 16), _op(_EQUAL, pid, 1, 0), refuse, _op(_RETURN, _ALLOW)]
    for number in _OF_SELF_OR_0[machine]:
        code += [_op(_EQUAL, number, 0, 5), _op(_LOAD, 16), _op(_EQUAL, 0, 2, 0), _op(_EQUAL, pid, 1, 0), refuse]
        code += [_op(_RETURN, _ALLOW)]
    code += [_op(_EQUAL, _CLONE[machine], 0, 4), _op(_LOAD, 16), _op(_ANY_BIT, _CLONE_THREAD, 1, 0), refuse]
    code += [_op(_RETURN, _ALLOW)]
    return b"".join([*code, _op(_RETURN, _ALLOW)])


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
