"""Counting and summing up: quantiles, tables, the processor time of a process."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def quantile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    rank = math.ceil(round(share * len(sorted_values), 9))
    return sorted_values[max(rank, 1) - 1]


def latency(seconds: Sequence[float]) -> dict[str, float]:
    """Count, and the quantiles in milliseconds."""
    values = sorted(seconds)
    if not values:
        return {"count": 0}
    shares = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
    found = {name: round(quantile(values, share) * 1000, 1) for name, share in shares.items()}
    return {"count": len(values), **found, "max": round(values[-1] * 1000, 1)}


def cpu_seconds(pid: int) -> float:
    """What a process used of the processors so far."""
    # After the name, which stands in parentheses: fields 14 and 15 of proc(5), utime and stime.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def table(title: str, rows: Sequence[Row]) -> str:
    """Rows of the same keys in columns; numbers to the right."""
    if not rows:
        return f"{title}\n  nothing\n"
    names = list(rows[0])
    cells = [[_shown(row.get(name, "")) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[at]) for line in cells)) for at, name in enumerate(names)]
    lines = [title]
    for line in [names, *cells]:
        padded = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("  " + "  ".join(padded).rstrip())
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
