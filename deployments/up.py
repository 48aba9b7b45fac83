"""Keeping a stack up on this machine: what `hitline up` does."""

from __future__ import annotations

import logging
import time

from deployments.local import Ports, bring_up, now_at
from deployments.stack import Stack, parts

ROOT = parts.ROOT / "var" / "local"


def up(ports: Ports) -> None:
    """Start everything, say where it is, and look after it until Ctrl-C.

    What it knows is kept in var/local, and is there again the next time. Raises PortInUse or
    PartFailed, after stopping whatever had been started.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    ROOT.mkdir(parents=True, exist_ok=True)
    with Stack(ROOT / "log") as stack:
        print("Starting; the first time takes half a minute.")
        local = bring_up(stack, ROOT, clock=now_at(1.0), ports=ports)
        env = local.write_env().relative_to(parts.ROOT)
        print(f"Prefect UI    {local.prefect_ui}")
        print(f"Marketplace   {local.marketplace_url}")
        print(f"A worker      {local.invitation()}")
        print(f"In a shell    set -a; . {env}; set +a; .venv/bin/hitline status")
        print("Ctrl-C stops everything.", flush=True)
        while True:
            stack.poll()
            time.sleep(1.0)
