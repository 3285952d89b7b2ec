"""Lets ws-assay see what your own handler is called with: `handler = observe(my_handler)`.

Needs probe.py beside it. Without ASSAY_PROBE_SINK in the environment it does nothing; with it an event record is
written when the handler begins and when it ends (docs/observing-your-backend.md).
"""

import functools
import os
import time
import uuid

import probe


def observe(handler):
    """The same handler, observed. What it returns and raises stays as it is, also when the sink is away."""

    @functools.wraps(handler)
    def observed(event, context=None):
        if not os.environ.get("ASSAY_PROBE_SINK"):
            return handler(event, context)
        request = (event or {}).get("requestContext") or {}
        about = {
            "v": 1,
            "type": _type_of(event, request),
            "connectionId": request.get("connectionId"),
            "requestId": request.get("requestId"),
            "invocationId": str(uuid.uuid4()),
        }
        _write(dict(about, phase="started", event=event))
        try:
            returned = handler(event, context)
        except Exception as error:
            _write(dict(about, phase="ended"), {"throw": str(error)})
            raise
        _write(dict(about, phase="ended"), {"return": returned})
        return returned

    return observed


def _type_of(event, request):
    if event.get("type") == "REQUEST":
        return "AUTHORIZER"
    by_route = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    return request.get("eventType") or by_route.get(request.get("routeKey"), "MESSAGE")


def _write(entry, answer=None):
    try:
        probe._record(dict(entry, at=int(time.time() * 1000)), answer)
    except Exception as error:
        probe._complain("not observed, %s: %s" % (entry["type"], error))
