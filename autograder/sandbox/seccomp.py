"""Seccomp: refuses with EPERM the system calls that a student's process has no need of.

No new process, no program, no socket, no tracing, no signal to anyone else, no mounts, no kernel objects that outlive
the process. A change of a file's mode, owner or times, which Landlock lets pass, seems to succeed and changes nothing.
Threads stay possible. The filter is written by hand in classic BPF: the Python bindings need libseccomp's shared
library, which a fresh machine may lack.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from typing import TypeAlias

_Table: TypeAlias = dict[str, tuple[int | None, int | None]]
"""System calls, each with its number on x86_64 and on aarch64, from the kernel's unistd headers; None if the
architecture has no such call."""
_REFUSED: _Table = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "perf_event_open": (298, 241), "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "bpf": (321, 280),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "userfaultfd": (323, 282),
    "personality": (135, 92), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "sethostname": (170, 161), "setdomainname": (171, 162), "iopl": (172, None),
    "ioperm": (173, None), "modify_ldt": (154, None), "vhangup": (153, 58), "syslog": (103, 116),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "shmctl": (31, 195), "shmdt": (67, 197), "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191),
    "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "ioprio_set": (251, 30), "migrate_pages": (256, 238),
    "move_pages": (279, 239), "mknod": (133, None), "mknodat": (259, 33), "tkill": (200, 130),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "sched_setparam": (142, 118),
    "fanotify_init": (300, 262), "quotactl_fd": (443, 443), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466),
}  # fmt: skip
"""Calls that fail with EPERM."""
_PRETENDED: _Table = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setpriority": (141, 140),
}  # fmt: skip
"""Calls that succeed without effect, because harmless programs make them."""
_OF_SELF: _Table = {
    "kill": (62, 129),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
"""Calls that may only name the caller itself, in their first argument."""
_OF_SELF_OR_0: _Table = {"sched_setaffinity": (203, 122), "prlimit64": (302, 261)}
"""The same, and 0 means the caller, too. `prlimit64` can only lower limits: the kernel ensures that."""
_CLONE: _Table = {"clone": (56, 220)}
"""Refused unless it makes a thread."""
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


def _numbers(table: _Table, machine: str) -> list[int]:
    """The numbers that a table has for one architecture."""
    column = list(_AUDIT_ARCH).index(machine)
    return [number for both in table.values() if (number := both[column]) is not None]


def _filter(machine: str, pid: int) -> bytes:
    """The BPF program: the call's number is at offset 0, the architecture at 4, argument n at 16 + 8n."""
    refuse = _op(_RETURN, _ERRNO | errno.EPERM)
    code = [_op(_LOAD, 4), _op(_EQUAL, _AUDIT_ARCH[machine], 1, 0), _op(_RETURN, _KILL), _op(_LOAD, 0)]
    if machine == "x86_64":
        code += [_op(_AT_LEAST, _X32_BIT, 0, 1), refuse]
    for number in _numbers(_REFUSED, machine):
        code += [_op(_EQUAL, number, 0, 1), refuse]
    for number in _numbers(_PRETENDED, machine):
        code += [_op(_EQUAL, number, 0, 1), _op(_RETURN, _ERRNO)]
    code += [_op(_EQUAL, _CLONE3, 0, 1), _op(_RETURN, _ERRNO | errno.ENOSYS)]  # the C library then takes clone
    for number in _numbers(_OF_SELF, machine):
        code += [_op(_EQUAL, number, 0, 4), _op(_LOAD, 16), _op(_EQUAL, pid, 1, 0), refuse, _op(_RETURN, _ALLOW)]
    for number in _numbers(_OF_SELF_OR_0, machine):
        code += [_op(_EQUAL, number, 0, 5), _op(_LOAD, 16), _op(_EQUAL, 0, 2, 0), _op(_EQUAL, pid, 1, 0), refuse]
        code += [_op(_RETURN, _ALLOW)]
    for number in _numbers(_CLONE, machine):
        code += [_op(_EQUAL, number, 0, 4), _op(_LOAD, 16), _op(_ANY_BIT, _CLONE_THREAD, 1, 0), refuse]
        code += [_op(_RETURN, _ALLOW)]
    return b"".join([*code, _op(_RETURN, _ALLOW)])


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
