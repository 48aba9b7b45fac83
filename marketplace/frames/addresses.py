"""What a question's page is told in its address, as MTurk told it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"
LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}


def told(*, assignment_id: str | None, hit_id: str, worker_id: str | None, submit_to: str) -> str:
    """The parameters as a query string; a preview (no assignment) names no worker.

    The address keeps its colon and slashes, as in MTurk's documentation: templates that decode
    their parameters and templates that do not both find it.
    """
    pairs = [("assignmentId", assignment_id or PREVIEW), ("hitId", hit_id)]
    pairs.append(("turkSubmitTo", submit_to))
    if assignment_id is not None and worker_id is not None:
        pairs.append(("workerId", worker_id))
    return "&".join(f"{name}={quote(value, safe=':/')}" for name, value in pairs)


def appended(url: str, query: str) -> str:
    """The address with more parameters after those that it has, before any fragment."""
    parts = urlsplit(url)
    given = parts.query.rstrip("&")
    return urlunsplit(parts._replace(query=f"{given}&{query}" if given else query))


def is_ours(url: str, base: str) -> bool:
    """Whether a page at `url` would share the origin, or the cookies, of the service at `base`.

    Cookies know hosts, not ports; and one service answers to every name of the loopback.
    """
    try:
        theirs, ours = urlsplit(url), urlsplit(base)
        ports = _port(theirs.scheme, theirs.port), _port(ours.scheme, ours.port)
    except ValueError:
        return True
    loopback = theirs.hostname in LOOPBACK and ours.hostname in LOOPBACK
    return theirs.hostname == ours.hostname or (loopback and ports[0] == ports[1])


def _port(scheme: str, port: int | None) -> int:
    return port if port is not None else {"https": 443}.get(scheme, 80)
