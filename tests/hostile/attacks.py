"""Hand-ins of an attacker. Each attack is Python at the top of a `criterion.py` whose answer is wrong.

An attack that reaches its canary says so by raising REACHED; `ENV` is the stage that the harness sets: paths,
a port, and the process ids of the driver and of a bystander.
"""

from __future__ import annotations

PRELUDE = """
import ctypes, os, signal, socket, sys, threading, time
class REACHED(Exception): pass
LIBC = ctypes.CDLL(None, use_errno=True)
def zero(result):
    if result != 0: raise OSError(ctypes.get_errno(), 'refused')
"""

# A canary is out of reach as long as the statement raises.
REACHES = {
    "read a secret file": "open(ENV['secret']).read()",
    "read another submission": "open(ENV['other']).read()",
    "read the reference": "open(ENV['repository'] + '/solutions/criterion.py').read()",
    "read the expected inputs": "open(ENV['repository'] + '/autograder/cases/criterion.py').read()",
    "read the rubric's seed": "open(ENV['repository'] + '/autograder/core/rubric.json').read()",
    "read the password file": "open('/etc/passwd').read()",
    "list the root folder": "os.listdir('/')",
    "list home": "os.listdir(os.path.expanduser('~root'))",
    "list the results": "os.listdir(ENV['folder'])",
    "write into the results": "open(ENV['folder'] + '/written', 'w')",
    "write into the kit": "open(ENV['repository'] + '/written', 'w')",
    "delete a file": "os.unlink(ENV['secret'])",
    # Changes of mode, owner, times and priority seem to succeed: what counts is whether they have an effect.
    "change a file's mode": "os.chmod(ENV['secret'], 0o777); assert os.stat(ENV['secret']).st_mode & 0o777 == 0o777",
    "change a file's times": "os.utime(ENV['secret'], (0, 0)); assert os.stat(ENV['secret']).st_mtime == 0",
    "give a file away": "os.chown(ENV['secret'], 12345, 12345); assert os.stat(ENV['secret']).st_uid == 12345",
    "slow a bystander down": ("os.setpriority(0, ENV['victim'], 19); assert os.getpriority(0, ENV['victim']) == 19"),
    "limit a bystander": (
        "import resource; resource.prlimit(ENV['victim'], resource.RLIMIT_NOFILE, (9, 9)); "
        "resource.prlimit(ENV['victim'], resource.RLIMIT_NOFILE)"
    ),
    "write where the server's libraries write": (
        "import glob; open(glob.glob('/tmp/autograde-*/libraries-*')[0] + '/written', 'w')"
    ),
    "run a program of its own": (
        "open('/tmp/own', 'w').write('#!/bin/true'); os.chmod('/tmp/own', 0o755); os.execv('/tmp/own', ['own'])"
    ),
    "label a file": "os.setxattr(ENV['secret'], 'user.canary', b'x')",
    "lock a library": "os.chmod(torch.__file__, 0o604); assert os.stat(torch.__file__).st_mode & 0o777 == 0o604",
    "truncate a file": "os.truncate(ENV['secret'], 0)",
    "link to a secret": "os.link(ENV['secret'], 'mine'); open('mine').read()",
    "follow a symbolic link": "os.symlink(ENV['secret'], 'there'); open('there').read()",
    "follow /proc/self/root": "open('/proc/self/root' + ENV['secret']).read()",
    "the driver's environment": "open(f\"/proc/{ENV['driver']}/environ\", 'rb').read(1)",
    "the environment it inherits": "os.environ['AUTOGRADE_SECRET']",
    "the parent's memory by /proc": "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "list processes": "next(name for name in os.listdir('/proc') if name.isdigit())",
    "ptrace the parent": "zero(LIBC.ptrace(0x4206, os.getppid() or ENV['victim'], 0, 0))",
    "process_vm_readv": "zero(LIBC.process_vm_readv(ENV['victim'], None, 0, None, 0, 0))",
    "signal a bystander": "os.kill(ENV['victim'], 0)",
    "signal everyone": "os.kill(-1, 0)",
    "signal its parent": "os.kill(os.getppid(), 0)",
    # By ways that harmless.py leaves open: what the filter refuses is to be seen, and not what is said in words.
    "fork": "import posix; posix.fork() or os._exit(0)",
    "fork a daemon": "import posix; LIBC.daemon(1, 1) and zero(-1) or posix.fork()",
    "run a program": "zero(LIBC.system(b'true'))",
    "posix_spawn": "import posix; posix.posix_spawn('/bin/true', ['true'], {})",
    "exec": "os.execv('/bin/true', ['true'])",
    "a TCP connection": "socket.create_connection(('127.0.0.1', ENV['port']), 1)",
    "a UDP packet": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', ENV['port']))",
    "a unix socket": "socket.socket(socket.AF_UNIX).bind('\\0canary')",
    "a listening port": "socket.create_server(('127.0.0.1', 0))",
    "a raw socket": "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "a pair of sockets to a helper": "import posix; socket.socketpair(); posix.fork() or os._exit(0)",
    "raise its own limits": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))",
    "raise its own limits by prlimit": "import resource; resource.prlimit(0, resource.RLIMIT_NOFILE, (8192, 8192))",
    "more shared memory than allowed": "[open(f'/dev/shm/{n}', 'wb').write(bytes(2**22)) for n in range(4)]",
    "System V memory": "zero(min(0, LIBC.shmget(77, 4096, 0o1600)))",
    "a message queue": "zero(min(0, LIBC.msgget(77, 0o1600)))",
    "memfd": "os.memfd_create('x')",
    "mount": "zero(LIBC.mount(b'none', b'.', b'tmpfs', 0, None))",
    "a new namespace": "zero(LIBC.unshare(0x10000000))",
    "chroot": "os.chroot('.')",
    "become another user": "os.setuid(12345)",
    "a device file": "os.mknod('disk', 0o60600, os.makedev(8, 0))",
    "set the clock": "time.clock_settime(time.CLOCK_REALTIME, time.time())",
    "the kernel's log": "zero(min(0, LIBC.klogctl(3, ctypes.create_string_buffer(8), 8)))",
    "the kernel's keys": "zero(min(0, LIBC.syscall(250, 0, -3, 0)))",
    "io_uring": "zero(min(0, LIBC.syscall(425, 1, ctypes.create_string_buffer(256))))",
    "userfaultfd": "zero(min(0, LIBC.syscall(323, 0)))",
    "a huge file": "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); open('big', 'wb').truncate(2**40)",
    "thousands of descriptors": "[os.dup(0) for _ in range(2000)]",
    "more memory than allowed": "bytearray(3 * 2**30)",
    "a reference in memory": (
        "import gc; next(f for f in gc.get_objects() if callable(f) and 'solutions/' in"
        " getattr(getattr(f, '__code__', None), 'co_filename', ''))"
    ),
    "the checks among the modules": "next(name for name in sys.modules if name.startswith('autograder.checks'))",
    "import the checks": "import autograder.checks.judge",
    "expected values in the frames": (
        "next(f for f in sys._current_frames().values() if 'expected' in f.f_locals or 'reference' in f.f_locals)"
    ),
    "more descriptors than three and a socket": "next(n for n in range(4, 256) if os.path.exists(f'/dev/fd/{n}'))",
}

# Nothing to reach: the attack wants a point, a wrong `error`, or harm to the student who is graded next.
DISTURBS = {
    "exit with success": "os._exit(0)",
    "SystemExit": "raise SystemExit(0)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "an exception that cannot be shown": "class E(BaseException):\n    __str__ = None\nraise E",
    "kill itself": "os.kill(os.getpid(), 9)",
    "a segmentation fault": "ctypes.string_at(0)",
    "an endless import": "while True: pass",
    "deep recursion in C": "x = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
    "ignore every signal": "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\nwhile True: time.sleep(1)",
    "patch torch": "torch.allclose = torch.equal = lambda *a, **k: True\ntorch.Tensor.__eq__ = lambda *a: True",
    "patch numpy": "import numpy\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True",
    "patch builtins": "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.all = lambda x: True\nbuiltins.len = None",
    "patch json": "import json\njson.dumps = lambda *a, **k: '{}'",
    "patch pytest": "import pytest\npytest.raises = pytest.approx = lambda *a, **k: True",
    "replace the module": "sys.modules['torch'] = sys.modules['autograder.sandbox.child'] = None",
    "atexit": "import atexit\natexit.register(lambda: os.write(3, b'x' * 100))",
    "change every default": (
        "torch.set_default_dtype(torch.float16)\ntorch.manual_seed(1)\ntorch.use_deterministic_algorithms(True)\n"
        "os.environ['LANG'] = 'tr_TR'\nsys.setrecursionlimit(50)"
    ),
    "noise on the socket": "os.write(3, b'x' * 4096)",
    "a forged full mark": "os.write(3, wire({'type': 'answer', 'score': 10, 'passed': True}))",
    "a forged answer": (
        "os.write(3, wire({'type': 'answer', 'case': '', 'values': [], 'error': None, 'seconds': 0}) * 50)"
    ),
    "a forged exception": "os.write(3, wire({'type': 'failed', 'error': {'kind': 'x', 'message': 5, 'trace': []}}))",
    "a number beyond floats": (
        "os.write(3, wire({'type': 'answer', 'case': 'x', 'values': [], 'error': None, 'seconds': 10**400}))"
    ),
    "an array whose size overflows": "os.write(3, wire({'type': 'a', 'arrays': [['uint8', [0] + [2**26] * 7]]}))",
    "notes without end": "while True: os.write(3, wire({'type': 'noted', 'text': 'x' * 60000}))",
    "threads that keep each other waiting": (
        "def spin():\n    while True: pass\n"
        "[threading.Thread(target=spin, daemon=True).start() for _ in range(50)]\nspin()"
    ),
    "waiting without end": "while True: time.sleep(0.0005)",
    "a signal that is not heard": "signal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: signal.pause()",
    "full folders for temporary files": (
        "for n in range(10**6):\n    for top in ('/tmp', '/dev/shm'): open(f'{top}/{n}', 'wb').write(bytes(2**20))"
    ),
    "imports without end": "while True: os.write(3, wire({'type': 'importing', 'module': 'x' * 60000}))",
    "imports that end and begin": (
        "both = wire({'type': 'importing', 'module': 'x'}) + wire({'type': 'imported', 'module': 'x'})\n"
        "while True: os.write(3, both)"
    ),
    "a header of lists": "os.write(3, struct.pack('!IQ', 10**6, 0) + b'[' * 10**6)",
    "half a message": "os.write(3, struct.pack('!IQ', 1000, 1000) + b'{')\ntime.sleep(100)",
    "close the socket": "os.close(3)",
    "verdicts on stdout": "print('PASSED 100%', '\\x1b[2J', flush=True)\nos.write(1, b'{\"score\": 70}')",
    "output without end": "while True: os.write(1, b'x' * 65536)",
    "a full scratch folder": "i = 0\nwhile True:\n    i += 1\n    open(f'f{i}', 'wb').write(bytes(2**22))",
    "a million files": "for i in range(20000): open(f'{i}', 'w').close()",
    "folders without end": "for i in range(3000):\n    os.mkdir('d')\n    os.chdir('d')",
    "folders that are locked": (
        "os.mkdir('d')\nos.symlink(ENV['secret'], 'd/link')\nos.mkdir('d/e')\nos.chmod('d/e', 0)\nos.chmod('d', 0o500)"
    ),
    "threads without end": (
        "threading.stack_size(65536)\n"
        "for i in range(600): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()"
    ),
    "markup in a message": "raise ValueError('<script>alert(1)</script>=cmd()\\x1b[31m\\r\\n,evil,ok,70,70')",
    "a name that is a formula": "raise type('=HYPERLINK(\"x\")', (Exception,), {})('<img src=x onerror=alert(1)>')",
    "detect the grader": "if 'autograder' in str(sys.path) or os.getpid() < 100: os._exit(0)",
    "a lone surrogate": "raise ValueError('\\ud800\\x00')",
}

# Values whose methods return anything: `align_loss` returns them.
RETURNS = {
    "a tensor subclass": "class T(torch.Tensor):\n    __eq__ = lambda *_: True\nreturn z1.sum().as_subclass(T)",
    "a float subclass": "class F(float):\n    __eq__ = lambda *_: True\n    __sub__ = lambda *_: 0\nreturn F(1)",
    "__array__": "class A:\n    __array__ = lambda *_: z1.sum().detach().numpy()\nreturn A()",
    "__reduce__": "class R:\n    __reduce__ = lambda _: (os.system, ('true',))\nreturn R()",
    "__torch_function__": (
        "class M:\n    @classmethod\n    def __torch_function__(c, f, t, a=(), k=None): return z1.sum()\nreturn M()"
    ),
    "a tensor of 4 GiB": "return torch.zeros(1).expand(2**30)",
    "the caller's expected value": "return sys._getframe(1).f_locals['expected']",
    "a NaN": "return (z1 * z2).sum() * float('nan')",
    "another score in the caller": "sys._getframe(2).f_locals['case']['points'] = 99\nreturn z1.sum()",
}

# Files laid next to the five, under names that something may import before the sandbox is shut.
SHADOWS = (
    *("torch.py", "numpy.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "autograder.py", "json.py"),
    *("ctypes.py", "_sysconfigdata__linux_x86_64-linux-gnu.py", "site.pth", "pytest.ini", "traceback.py"),
)
