"""A process that has imported everything, and forks once for each job.

That spares a run of a tap or of the loader the second of imports. What is forked has opened nothing
yet, and then does what the real command does. Only the standard library: the loader's environment
has little else.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress

from .messages import Job
from .moments import Moments

#: What a test hears last: how the process ended.
ENDED = b"ended "
#: A job comes with its standard input, output and error, and a socket for its moments.
DESCRIPTORS = 4
_LENGTH = struct.Struct("!I")

Command = Callable[[Job, Moments], None]


def send_job(control: socket.socket, job: Job, descriptors: list[int]) -> None:
    """Ask for a fork."""
    content = job.to_json()
    socket.send_fds(control, [_LENGTH.pack(len(content))], descriptors)
    control.sendall(content)


def serve(commands: Mapping[str, Command]) -> None:
    """Do jobs until the other end of the control socket is closed.

    Args:
        commands: What each name of a job does.
    """
    control = socket.socket(fileno=int(sys.argv[1]))
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([control, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _reap(running)
        if control in ready:
            received, descriptors, _, _ = socket.recv_fds(control, _LENGTH.size, DESCRIPTORS)
            if not received:
                return
            (length,) = _LENGTH.unpack(received)
            job = Job.from_json(_receive(control, length))
            process = os.fork()
            if not process:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                control.close()
                for other in running.values():
                    other.close()
                _become(commands[job.name], job, descriptors)
            for descriptor in descriptors[:-1]:
                os.close(descriptor)
            running[process] = socket.socket(fileno=descriptors[-1])
            control.sendall(_LENGTH.pack(process))


def _receive(control: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        content += control.recv(length - len(content))
    return content


def _reap(running: dict[int, socket.socket]) -> None:
    while running:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        with running.pop(process) as test:
            code = os.waitstatus_to_exitcode(status)
            with suppress(BrokenPipeError):  # the test has ended before
                test.sendall(ENDED + str(code).encode() + b"\n")


def _become(command: Command, job: Job, descriptors: list[int]) -> None:
    """Be the command, from its first line to its exit code."""
    code: object = 1
    try:
        for number, descriptor in enumerate(descriptors[:-1]):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.argv = [job.name, *job.arguments]
        os.environ.clear()
        os.environ.update(job.environment)
        command(job, Moments(job, socket.socket(fileno=descriptors[-1])))
        code = 0
    except SystemExit as exit_:
        code = exit_.code
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
            code = 1
    except BaseException:  # noqa: BLE001 (as Python itself ends a process)
        traceback.print_exc()
    finally:
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            code = code or 120  # as Python does
        os._exit(code if isinstance(code, int) else 0)
