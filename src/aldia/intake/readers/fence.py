"""The fences of a child process that parses untrusted files: no network, no other process, ceilings on everything."""

import ctypes
import resource
import sys

from aldia.intake.readers.limits import Limits

CLONE_NEWUSER, CLONE_NEWNET, NO_NEW_PRIVILEGES = 0x10000000, 0x40000000, 38


def shut_in(limits: Limits) -> None:
    """Enter the limits. A kernel that refuses a network namespace leaves the other fences standing."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    sys.addaudithook(_forbid)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 2))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * limits.text_bytes, 4 * limits.text_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def _forbid(event: str, _args: tuple[object, ...]) -> None:
    """No socket, no other process: a second fence for kernels that refuse the first."""
    if event.startswith(
        ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.dlopen")
    ):
        raise PermissionError(event)
