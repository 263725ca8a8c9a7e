"""The origin: it has loaded what decoding needs, forks a process for each file, and never looks at a file itself.

What it is told, by the one who has started it and by nobody else, is an order of a fixed size with two sockets: one on
which the forked process finds the file and answers, and one on which the origin says how that process ended. When the
asker closes either, the process is killed; when the asker is gone, so are all of them, and the origin.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
from typing import NamedTuple

from app.decoding.inside.confinement import ONE_FILE, confine
from app.decoding.inside.late_imports import refuse_late_imports
from app.decoding.inside.work import work
from app.decoding.orders import ORDER, SOCKETS

MOST_DESCRIPTORS = 4096


class Child(NamedTuple):
    """A process that was forked, and the socket on which its end is told."""

    pid: int
    status: socket.socket


def serve(control: socket.socket) -> None:
    """Fork as ordered until the other side of `control` is closed."""
    woken = _woken_by_children()
    poller = select.poll()
    for source in (control.fileno(), woken.fileno()):
        poller.register(source, select.POLLIN)
    children: dict[int, Child] = {}  # by the descriptor of their status
    while True:
        for descriptor, _ in poller.poll():
            if descriptor == woken.fileno():
                _drain(woken)
                _bury(children, poller)
            elif descriptor in children:  # whoever asked has gone, or doesn't want to wait any longer
                poller.unregister(descriptor)
                os.kill(children[descriptor].pid, signal.SIGKILL)
            elif descriptor == control.fileno():
                child = _ordered(control)
                if child is None:
                    _kill(children)
                    return
                children[child.status.fileno()] = child
                poller.register(child.status.fileno(), select.POLLIN)


def _ordered(control: socket.socket) -> Child | None:
    """Take an order, and fork; None if there will be no more."""
    try:
        order, descriptors, _, _ = socket.recv_fds(control, ORDER.size, SOCKETS)
    except ConnectionError:  # the site ended with what had been said to it unread
        return None
    if len(order) != ORDER.size or len(descriptors) != SOCKETS:
        return None
    data, status = descriptors
    origin = os.getpid()
    pid = os.fork()
    if pid == 0:
        _begin(data, order, origin)
    os.close(data)
    return Child(pid, socket.socket(fileno=status))


def _begin(data: int, order: bytes, origin: int) -> None:
    """Be the process for one file: confined, with one socket, and gone after it."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)  # what libraries warn of quotes what stands in files
        os.dup2(data, ONE_FILE)
        os.closerange(3, MOST_DESCRIPTORS)
        seconds, memory = ORDER.unpack(order)
        held = confine(seconds, memory, origin)
        refuse_late_imports()
        work(ONE_FILE, held)
    finally:
        os._exit(0)


def _bury(children: dict[int, Child], poller: select.poll) -> None:
    """Tell of those that have ended how, and what they took."""
    while children:
        pid, ending, used = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        descriptor = next(number for number, child in children.items() if child.pid == pid)
        with children.pop(descriptor).status as status:
            with contextlib.suppress(KeyError):  # it was killed
                poller.unregister(descriptor)
            told = {"status": ending, "seconds": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss}
            with contextlib.suppress(OSError):  # nobody waits for it any more
                status.sendall(json.dumps(told).encode())


def _kill(children: dict[int, Child]) -> None:
    for child in children.values():
        os.kill(child.pid, signal.SIGKILL)


def _woken_by_children() -> socket.socket:
    """Return a socket that becomes readable when a child has ended."""
    reading, writing = socket.socketpair()
    for end in (reading, writing):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
    return reading


def _drain(woken: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while woken.recv(1024):
            pass
