"""The socket that a site listens on: held by the supervisor, so that it stays when web servers come and go."""

from __future__ import annotations

import errno
import os
import socket

from pydantic_settings import BaseSettings

from config import Settings

FIRST = 3  # of the descriptors that systemd hands over, sd_listen_fds(3)
BACKLOG = 2048  # connections that wait while nobody accepts


class HandedOver(BaseSettings):
    """What systemd says of sockets that it has opened: to whom, and how many."""

    listen_pid: int = 0
    listen_fds: int = 0


class ObstacleError(Exception):
    """Why nothing can be listened to, as a sentence."""


def listening(settings: Settings) -> socket.socket:
    """Return the socket that systemd has handed over, or else one at the address that is set; ObstacleError."""
    handed = HandedOver()
    if handed.listen_pid == os.getpid() and handed.listen_fds > 0:
        return socket.socket(fileno=FIRST)
    six = ":" in settings.host
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if six else socket.AF_INET,
            backlog=BACKLOG,
            dualstack_ipv6=six and socket.has_dualstack_ipv6(),
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ObstacleError(f"Port {settings.port} is in use; set LENTIGO_PORT to a free one.") from error
        if error.errno == errno.EACCES:
            raise ObstacleError(
                f"Port {settings.port} is for administrators only; set LENTIGO_PORT to one above 1023."
            ) from error
        raise ObstacleError(
            f"Can't listen at {settings.host}; set LENTIGO_HOST to an address of this machine."
        ) from error
