"""Hosts of their own on this one machine: each with its name, its address and its cable.

A host is a network namespace of Linux, cabled to a bridge that is its only way out. Making one
takes root, and iproute2 and util-linux.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Self

from deployments.stack import Part


class NoHosts(Exception):
    """This machine cannot, or may not, make hosts."""


class Hosts:
    """Hosts on a network of their own, on which this machine is, too; gone when it is left."""

    def __init__(self, *names: str) -> None:
        self._names = names
        # Interfaces have 15 letters at most, and another run may be on this machine.
        self._mark = f"h{os.getpid() % 100_000}"
        self._network = f"10.77.{os.getpid() % 250}"
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Raises NoHosts."""
        with ExitStack() as made:
            bridge = f"{self._mark}br"
            _run("ip", "link", "add", "name", bridge, "type", "bridge")
            made.callback(_run, "ip", "link", "del", bridge)
            _run("ip", "addr", "add", f"{self.here}/24", "dev", bridge)
            _run("ip", "link", "set", bridge, "up")
            for name in self._names:
                self._add(name, bridge, made)
            self._exit = made.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    @property
    def here(self) -> str:
        """This machine's address, as the hosts see it."""
        return f"{self._network}.1"

    def address(self, name: str) -> str:
        return f"{self._network}.{10 + self._names.index(name)}"

    def on(self, name: str, part: Part) -> Part:
        """The part as a process of that host. Every step replaces the process by the next one."""
        named = 'hostname "$1"; shift; exec "$@"'
        return replace(
            part,
            command=(
                *("ip", "netns", "exec", self._space(name)),
                *("unshare", "--uts", "sh", "-c", named, "sh", name, *part.command),
            ),
        )

    def unplug(self, name: str) -> None:
        """Nothing comes through any more, either way, and nobody is told."""
        _run("ip", "link", "set", self._cable(name), "down")

    def plug_in(self, name: str) -> None:
        _run("ip", "link", "set", self._cable(name), "up")

    def _add(self, name: str, bridge: str, made: ExitStack) -> None:
        space, cable = self._space(name), self._cable(name)
        _run("ip", "netns", "add", space)
        made.callback(_run, "ip", "netns", "del", space)
        ends = ("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        _run("ip", *ends)
        _run("ip", "link", "set", cable, "master", bridge, "up")
        inside = ("ip", "-n", space)
        _run(*inside, "addr", "add", f"{self.address(name)}/24", "dev", "eth0")
        _run(*inside, "link", "set", "eth0", "up")
        _run(*inside, "link", "set", "lo", "up")

    def _space(self, name: str) -> str:
        return f"{self._mark}-{name}"

    def _cable(self, name: str) -> str:
        return f"{self._mark}c{self._names.index(name)}"


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise NoHosts(f"{command[0]} is not installed") from missing
    if done.returncode:
        raise NoHosts(f"{_shown(command)}: {done.stderr.strip()}")


def _shown(command: Sequence[str]) -> str:
    return " ".join(command)
