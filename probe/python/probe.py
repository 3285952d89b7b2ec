"""The probe: the integration and the authorizer of a WebSocket API under remote control.

It decides nothing: it reports the event it was given and does as it is told (docs/probe-contract.md). Standard
library only, Python >= 3.8; deploy this one file. Environment, read at each invocation:

remote mode    ASSAY_PROBE_URL where the runner listens, ASSAY_PROBE_TOKEN what it lets in
scripted mode  ASSAY_PROBE_SECRET what plans are signed with, ASSAY_PROBE_SINK where events go (file:PATH, or http://
               and https:// with ASSAY_PROBE_TOKEN), ASSAY_PROBE_STATE a folder for plans of $disconnect
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import sys
import time
import uuid
from urllib.parse import unquote_plus, urlsplit


def handler(event, context=None):
    """The integration of $connect, $disconnect and every message route."""
    return _invoke(_type_of(event), event, context)


def authorizer(event, context=None):
    """The REQUEST authorizer of $connect."""
    return _invoke("AUTHORIZER", event, context)


class ProbeError(Exception):
    """What went wrong, with its heading, such as `sink away`."""

    def __init__(self, what, message):
        super().__init__(message)
        self.what = what


def _type_of(event):
    said = _dict(_dict(event).get("requestContext"))
    if said.get("eventType") in ("CONNECT", "MESSAGE", "DISCONNECT"):
        return said["eventType"]
    route = said.get("routeKey")
    if not _is_text(route):
        raise Exception("probe: not an event of a WebSocket API")
    return {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE")


def _invoke(kind, event, context):
    scripted = os.environ.get("ASSAY_PROBE_SECRET") or os.environ.get("ASSAY_PROBE_SINK")
    try:
        answer = _perform(kind, event) if scripted else _ask(kind, event, context)
    except Exception as error:
        answer = _fail_closed(kind, error)
    if _is_text(answer.get("throw")):
        raise Exception(answer["throw"])
    return answer["return"]


# Something is missing without which nothing can be tested. A forgotten probe is neither an open door (the
# authorizer throws) nor a green test (599 is a status that no scenario asks for).
def _fail_closed(kind, error):
    what = getattr(error, "what", "probe broken")
    _complain("%s, %s fails closed: %s" % (what, kind, _reason(error)))
    if kind == "AUTHORIZER":
        return {"throw": "probe: " + what}
    return {"return": {"statusCode": 599 if kind == "CONNECT" else 200}}


def _complain(line):
    sys.stderr.write("ws-assay probe: %s\n" % line.encode("ascii", "backslashreplace").decode("ascii"))
    sys.stderr.flush()


def _reason(error):
    return re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__


def _is_text(value):
    return isinstance(value, str)


def _dict(value):
    return value if isinstance(value, dict) else {}


# --- remote mode ---


def _ask(kind, event, context):
    try:
        return _ask_runner(kind, event, context)
    except Exception as error:
        raise ProbeError("runner away", _reason(error)) from None


def _ask_runner(kind, event, context):
    url, token = os.environ.get("ASSAY_PROBE_URL"), os.environ.get("ASSAY_PROBE_TOKEN")
    if not url or not token:
        raise Exception("ASSAY_PROBE_URL or ASSAY_PROBE_TOKEN is not set")
    invocation = {"v": 1, "type": kind, "invocationId": str(uuid.uuid4()), "event": event}
    if hasattr(context, "get_remaining_time_in_millis"):
        invocation["remainingMs"] = context.get_remaining_time_in_millis()
    status, text = _post(url.rstrip("/") + "/v1/invocations", token, invocation)
    if status != 200:
        raise Exception("the runner answered %d" % status)
    answer = _dict(_parse(text))
    if answer.get("v") == 1 and (_is_text(answer.get("throw")) or "return" in answer):
        return answer
    raise Exception("the runner answered something else than version 1 of the contract")


_CONNECT_WITHIN_S = 2


# A connection of its own for each request. An invocation is never sent again; once connected there is no time-out,
# because the answer may be held as long as the runner likes.
def _post(url, token, value, timeout_s=None):
    to = urlsplit(url)
    secure = to.scheme == "https"
    connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
        to.hostname, to.port, timeout=_CONNECT_WITHIN_S
    )
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    try:
        try:
            connection.connect()
        except socket.timeout:
            raise Exception("not connected within %d ms" % (_CONNECT_WITHIN_S * 1000)) from None
        connection.sock.settimeout(timeout_s)
        path = (to.path or "/") + ("?" + to.query if to.query else "")
        connection.request("POST", path, json.dumps(value).encode("ascii"), headers)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8")
    finally:
        connection.close()


def _parse(text):
    def refuse(constant):
        raise ValueError(constant + " is not valid JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError("not valid JSON: %s" % error) from None


# --- scripted mode ---


def _perform(kind, event):
    begun, at = time.monotonic(), _now_ms()
    secret = _check_set_up()
    said = _dict(_dict(event).get("requestContext"))
    connection_id = said.get("connectionId")
    remembered = _recall(connection_id) if kind == "DISCONNECT" else None
    plan = remembered or _judge(kind, _dict(event), secret)
    about = {
        "connectionId": connection_id,
        "nonce": plan.get("nonce"),
        "invocationId": str(uuid.uuid4()),
        "runId": plan.get("runId"),
    }
    started = {"v": 1, "type": kind, "phase": "started", "at": at, "requestId": said.get("requestId"), "event": event}
    _record({**started, **about})
    answer, problem = _follow(kind, _dict(event), plan, begun)
    ended = {"v": 1, "type": kind, "phase": "ended", "at": _now_ms(), "problem": problem}
    _record({**ended, **about}, answer)
    return answer


def _now_ms():
    return int(time.time() * 1000)


def _check_set_up():
    secret = os.environ.get("ASSAY_PROBE_SECRET")
    if os.environ.get("ASSAY_PROBE_URL"):
        raise ProbeError("not set up", "ASSAY_PROBE_URL and a secret or sink are set")
    if not secret or not os.environ.get("ASSAY_PROBE_SINK"):
        raise ProbeError("not set up", "ASSAY_PROBE_SECRET or ASSAY_PROBE_SINK is not set")
    return secret


def _follow(kind, event, plan, begun):
    if "refused" in plan:
        _complain("plan refused, %s: %s" % (kind, plan["refused"]))
        return _refusal(kind, event), "plan refused: " + plan["refused"]
    try:
        steps = _steps_of(plan.get("parameters", {}))
        if kind == "CONNECT":
            _remember(_dict(event.get("requestContext")).get("connectionId"), plan)
        step = steps[_NAMES[kind]]
        answer = _build_answer(kind, event, step)
    except ProbeError as error:
        return _fail_closed(kind, error), "%s: %s" % (error.what, _reason(error))
    _pause(step, begun)
    return answer, None


def _refusal(kind, event):
    if kind != "AUTHORIZER":
        return {"return": {"statusCode": 403}}
    return _build_answer(kind, event, {"effect": "deny"})


# The host ends what hangs.
def _pause(step, begun):
    while "hang" in step:
        time.sleep(3600)
    time.sleep(max(0, step.get("delay", 0) / 1000 - (time.monotonic() - begun)))


# What came with the event: a plan that holds, or why it is refused.
def _judge(kind, event, secret):
    pairs = _message_pairs(event) if kind == "MESSAGE" else _handshake_pairs(event)
    nonce = next((value for name, value in pairs if name == "assay" and _is_text(value) and value), None)
    plan = [(name, value) for name, value in pairs if name.startswith("assay.")]
    parameters = dict(plan)
    refused = _refused_because(plan, parameters, secret) if plan else None
    if refused:
        return {"nonce": nonce, "refused": refused}
    return {"nonce": nonce, "parameters": parameters, "runId": parameters.get("assay.run")}


def _refused_because(plan, parameters, secret):
    if "assay.sig" not in parameters:
        return "unsigned"
    texts = all(re.fullmatch(r"[\x21-\x7e]+", name) and _is_text(value) for name, value in plan)
    if not texts or len(parameters) != len(plan):
        return "altered"
    given = parameters["assay.sig"].encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, _signature(plan, secret)):
        return "altered"
    exp = parameters.get("assay.exp", "")
    good = re.fullmatch(r"[0-9]{1,12}", exp) and _now_ms() <= int(exp) * 1000
    return None if good else "expired"


def _signature(plan, secret):
    signed = sorted(pair for pair in plan if pair[0] != "assay.sig")
    text = json.dumps(signed, ensure_ascii=False, separators=(",", ":"))
    whole = re.sub("[\ud800-\udfff]", lambda half: "\\u%04x" % ord(half.group()), text)
    digest = hmac.new(secret.encode("utf-8"), whole.encode("utf-8"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=")


def _handshake_pairs(event):
    names = {**_dict(event.get("queryStringParameters")), **_dict(event.get("multiValueQueryStringParameters"))}
    query = [(name, one) for name, value in names.items() for one in _list(value)]
    parts = [part.partition("=") for part in _plan_header(event).split("&") if part]
    return query + [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]


def _list(value):
    return value if isinstance(value, list) else [value]


def _plan_header(event):
    for key in ("headers", "multiValueHeaders"):
        for name, value in _dict(event.get(key)).items():
            if name.lower() == "x-assay-plan":
                return "&".join(map(str, _list(value)))
    return ""


def _message_pairs(event):
    body = event.get("body")
    if not _is_text(body):
        return []
    try:
        text = base64.b64decode(body).decode("utf-8", "replace") if event.get("isBase64Encoded") is True else body
        return list(_dict(_dict(_parse(text)).get("assay")).items())
    except ValueError:
        return []


_NAMES = {"AUTHORIZER": "authorizer", "CONNECT": "connect", "MESSAGE": "message", "DISCONNECT": "disconnect"}
_EITHER = ("delay", "hang", "throw", "return")
_INTEGRATION = _EITHER + ("status", "body", "subprotocol", "header", "echo")
_AUTHORIZER = _EITHER + ("effect", "principalId", "context", "policy", "usageIdentifierKey")
_SHAPES = {"delay": r"[0-9]{1,6}", "status": r"[0-9]{1,3}", "hang": "1", "echo": "1", "effect": "allow|deny"}


# What each kind of invocation shall do. All of a plan is read at every invocation: one that this probe does not
# understand shall not be followed in part.
def _steps_of(parameters):
    steps = {"authorizer": {}, "connect": {}, "message": {}, "disconnect": {}}
    for name, text in parameters.items():
        if name in ("assay.exp", "assay.sig", "assay.run"):
            continue
        parts = re.fullmatch(r"assay\.([a-z]+)\.([A-Za-z]+)(?:\.(.+))?", name)
        invocation, key, header = parts.groups() if parts else (None, None, None)
        known = _AUTHORIZER if invocation == "authorizer" else _INTEGRATION
        if invocation not in steps or key not in known or (key == "header") != (header is not None):
            raise ProbeError("plan not understood", name)
        value = _value_of(name, key, text)
        if header is None:
            steps[invocation][key] = value
        else:
            steps[invocation].setdefault("headers", {})[header] = value
    for name, step in steps.items():
        _check_exclusive(name, step)
    return steps


def _value_of(name, key, text):
    try:
        if key in ("return", "context", "policy"):
            return _parse(text)
        if key in _SHAPES and not re.fullmatch(_SHAPES[key], text) or key == "delay" and int(text) > 900000:
            raise ValueError(text)
    except ValueError:
        raise ProbeError("plan not understood", name) from None
    return int(text) if key in ("delay", "status") else text


def _check_exclusive(name, step):
    others = [key for key in step if key not in _EITHER]
    ways = ("throw" in step) + ("return" in step) + bool(others)
    if ways > 1 or "delay" in step and "hang" in step:
        raise ProbeError("plan not understood", "assay.%s says two things at once" % name)


# --- what a plan makes of the answer ---


def _build_answer(kind, event, step):
    if "throw" in step:
        return {"throw": step["throw"]}
    if "return" in step:
        return {"return": step["return"]}
    return {"return": _policy_answer(event, step) if kind == "AUTHORIZER" else _proxy_answer(event, step)}


def _proxy_answer(event, step):
    answer = {"statusCode": step.get("status", 200)}
    headers = dict(step.get("headers", {}))
    if "subprotocol" in step:
        headers["Sec-WebSocket-Protocol"] = step["subprotocol"]
    if headers:
        answer["headers"] = headers
    if "echo" in step:
        answer.update(_echo_of(event))
    elif "body" in step:
        answer["body"] = step["body"]
    return answer


def _echo_of(event):
    if not _is_text(event.get("body")):
        return {}
    echo = {"body": event["body"]}
    return {**echo, "isBase64Encoded": True} if event.get("isBase64Encoded") is True else echo


def _policy_answer(event, step):
    answer = {"principalId": step.get("principalId", "assay"), "policyDocument": _policy_document(event, step)}
    return {**answer, **{key: step[key] for key in ("context", "usageIdentifierKey") if key in step}}


# A list is the document's statements, one with an `Effect` its only one, anything else the document.
def _policy_document(event, step):
    arn = event.get("methodArn")
    if "policy" not in step:
        effect = "Deny" if step.get("effect") == "deny" else "Allow"
        resource = arn if _is_text(arn) else "*"
        return _document([{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}])
    filled = _fill(step["policy"], _placeholders(event))
    if isinstance(filled, list):
        return _document(filled)
    return _document([filled]) if "Effect" in _dict(filled) else filled


def _document(statements):
    return {"Version": "2012-10-17", "Statement": statements}


def _placeholders(event):
    arn = event.get("methodArn")
    parts = arn.split(":") if _is_text(arn) else []
    _, partition, _, region, account, resource = (parts + [None] * 6)[:6]
    api_id, stage = ((resource or "").split("/") + [None])[:2] if resource is not None else (None, None)
    said = _dict(event.get("requestContext"))
    return {
        "methodArn": arn,
        "partition": partition,
        "region": region,
        "account": said.get("accountId") if account is None else account,
        "apiId": said.get("apiId") if api_id is None else api_id,
        "stage": said.get("stage") if stage is None else stage,
    }


# What the event does not say stays as it was written, for all to see.
def _fill(value, known):
    if _is_text(value):

        def one(written):
            found = known[written.group(1)]
            return found if _is_text(found) else written.group()

        return re.sub(r"\{(methodArn|partition|apiId|stage|region|account)\}", one, value)
    if isinstance(value, list):
        return [_fill(item, known) for item in value]
    if isinstance(value, dict):
        return {key: _fill(item, known) for key, item in value.items()}
    return value


# --- what is kept outside the process: a file for each connection with a plan for its $disconnect ---


def _remember(connection_id, plan):
    mine = [[n, v] for n, v in plan.get("parameters", {}).items() if n.startswith("assay.disconnect.")]
    folder = os.environ.get("ASSAY_PROBE_STATE")
    if not folder and mine:
        raise ProbeError("not set up", "ASSAY_PROBE_STATE is not set")
    if not folder:
        return
    path = _state_file(folder, connection_id)
    try:
        # An id that is used again must not be served with the plan of an earlier connection.
        if not mine:
            _remove(path)
            return
        os.makedirs(folder, exist_ok=True)
        own = "%s.%s" % (path, uuid.uuid4())
        _write(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, json.dumps({"v": 1, **_kept(plan), "parameters": mine}))
        os.replace(own, path)
    except OSError as error:
        raise ProbeError("state away", _reason(error)) from None


def _kept(plan):
    return {key: plan[key] for key in ("nonce", "runId") if plan.get(key) is not None}


def _recall(connection_id):
    folder = os.environ.get("ASSAY_PROBE_STATE")
    if not folder:
        return None
    path = _state_file(folder, connection_id)
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        _remove(path)
        return {**_kept(kept), "parameters": dict(kept["parameters"])}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ProbeError("state away", _reason(error)) from None


def _state_file(folder, connection_id):
    name = hashlib.sha256(str(connection_id).encode("utf-8", "surrogatepass")).hexdigest()
    return os.path.join(folder, name + ".json")


def _remove(path):
    try:
        os.remove(path)
    except FileNotFoundError:
        pass


# --- the sink ---

_ATTEMPTS_AFTER_S = (0, 0.1, 0.4)
_SINK_ANSWERS_WITHIN_S = 2


def _record(entry, answer=None):
    sink = os.environ["ASSAY_PROBE_SINK"]
    whole = {key: value for key, value in entry.items() if value is not None}
    if answer is not None:
        whole["answer"] = answer
    try:
        if sink.startswith("file:"):
            path = re.sub(r"^//(?=/)", "", sink[5:])
            _write(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, json.dumps(whole) + "\n")
        elif re.match(r"https?://", sink):
            _deliver(sink, whole)
        else:
            raise Exception("ASSAY_PROBE_SINK must begin with file:, http:// or https://")
    except Exception as error:
        raise ProbeError("sink away", _reason(error)) from None


# One write: lines of several processes that append to one file do not mix.
def _write(path, flags, text):
    line = text.encode("ascii")
    file = os.open(path, flags, 0o600)
    try:
        written = os.write(file, line)
        if written != len(line):
            raise OSError("%s took %d of %d bytes" % (path, written, len(line)))
    finally:
        os.close(file)


# At least once: what was not acknowledged is sent again, what was refused is not.
def _deliver(url, entry):
    last = None
    for after_s in _ATTEMPTS_AFTER_S:
        time.sleep(after_s)
        try:
            status, _ = _post(url, os.environ.get("ASSAY_PROBE_TOKEN"), entry, _SINK_ANSWERS_WITHIN_S)
        except Exception as error:
            last = error
            continue
        if 200 <= status <= 299:
            return
        last = Exception("the sink answered %d" % status)
        if status < 500 and status != 429:
            break
    raise last
