"""Writes probe/contract/vectors.json: what any probe must sign, refuse and answer in scripted mode.

It knows nothing of the probes: signatures come from Python's own hmac, the answers are written out here by hand.
Usage: python3 scripts/probe-vectors.py && npx biome check --write probe
"""

import base64
import hashlib
import hmac
import json
import pathlib
import re
import urllib.parse

SECRET = "not a secret: 32 bytes or more, please"
EXP = ("assay.exp", "4102444800")  # 2100-01-01
FILE = pathlib.Path(__file__).parent.parent / "probe" / "contract" / "vectors.json"

# Parameters as they are after decoding, in the order in which they stand in the URL.
SIGNING = {
    "nothing but the expiry": [EXP],
    "a delay": [("assay.connect.delay", "1000"), EXP],
    "the nonce is not signed": [("assay", "k3v7qn2m5xw4c6bz7r2tjd5hfa"), ("assay.connect.delay", "1000"), EXP],
    "other parameters are not signed": [("token", "abc"), ("assay.connect.status", "403"), EXP, ("assayer", "x")],
    "sorted by name, whatever the order": [
        ("assay.run", "r-7f3k"),
        EXP,
        ("assay.disconnect.throw", "late"),
        ("assay.connect.status", "200"),
        ("assay.connect.delay", "50"),
    ],
    "an integration's answer": [
        ("assay.connect.status", "201"),
        ("assay.connect.body", "hello world"),
        ("assay.connect.subprotocol", "b"),
        ("assay.connect.header.X-Made-By", "a;b, c"),
        EXP,
    ],
    "an authorizer's answer": [
        ("assay.authorizer.effect", "deny"),
        ("assay.authorizer.principalId", "somebody"),
        ("assay.authorizer.context", '{"n":1,"b":true,"t":"ü"}'),
        ("assay.authorizer.policy", '{"Effect":"Allow","Action":"*","Resource":"{methodArn}"}'),
        EXP,
    ],
    "characters that a URL encodes": [("assay.connect.body", "a+b c%20d&e=f#g?h/i\\j\"k'"), EXP],
    "characters that some JSON libraries escape": [("assay.connect.body", "<script>&amp;/\u2028\u2029\u007f\u0080"), EXP],
    "control characters": [("assay.connect.body", "".join(map(chr, range(0x20)))), EXP],
    "accents, composed and not, are different": [("assay.connect.body", "é e\u0301 ﬁ"), EXP],
    "emoji": [("assay.connect.throw", "👋🏽 \U0001f9ea"), EXP],
    "names sort by bytes, upper case before lower": [
        ("assay.connect.header.a", "third"),
        ("assay.connect.header.B", "first"),
        ("assay.connect.header._", "second"),
        ("assay.connect.header.a-b", "fourth"),
        EXP,
    ],
    "half a surrogate pair, which only the JSON of a message can hold": [("assay.message.body", "a\ud800b\udc00"), EXP],
    "an empty value": [("assay.connect.body", ""), EXP],
    "a message": [("assay.message.echo", "1"), ("assay.message.delay", "20"), EXP],
    "a long value": [("assay.connect.body", "0123456789" * 300), EXP],
}


def signed_text(parameters):
    plan = [pair for pair in parameters if pair[0].startswith("assay.") and pair[0] != "assay.sig"]
    plan.sort(key=lambda pair: pair[0].encode("ascii"))
    text = json.dumps(plan, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda half: "\\u%04x" % ord(half.group()), text)


def signature(text):
    digest = hmac.new(SECRET.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def vector(name, parameters):
    text = signed_text(parameters)
    return {"name": name, "parameters": parameters, "signed": text, "signature": signature(text)}


# --- invocations: events and what the probe answers ---

NONCE = "k3v7qn2m5xw4c6bz7r2tjd5hfa"
ARN = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/probe/$connect"
ALLOWED = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}
DENIED = {**ALLOWED, "Effect": "Deny"}


def signed(plan, exp=EXP[1]):
    parameters = {**plan, "assay.exp": exp}
    return {**parameters, "assay.sig": signature(signed_text(list(parameters.items())))}


def policy(*statements, principal="assay", **more):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"principalId": principal, "policyDocument": document, **more}


def context(kind, **more):
    return {"eventType": kind, "connectionId": "Kx1abcdeDoECFQg=", "requestId": "Kx1abFm0DoEFUuw=", **more}


def connect(query=None, **more):
    return {"requestContext": context("CONNECT"), **({"queryStringParameters": query} if query else {}), **more}


def authorize(query=None, **more):
    return {"type": "REQUEST", "methodArn": ARN, **connect(query, **more)}


def message(body, **more):
    return {"requestContext": context("MESSAGE"), "body": body, "isBase64Encoded": False, **more}


def disconnect(**more):
    return {"requestContext": context("DISCONNECT", disconnectStatusCode=1000, disconnectReason="", **more)}


def step(event, answer, **more):
    function = "authorizer" if "methodArn" in event else "handler"
    kind = "AUTHORIZER" if "methodArn" in event else event["requestContext"]["eventType"]
    return {"function": function, "type": kind, "event": event, "answer": answer, **more}


def returned(value):
    return {"return": value}


def status(code, **more):
    return {"return": {"statusCode": code, **more}}


def does(plan, answer, **more):
    return [step(connect(signed(plan)), answer, **more)]


def refuses(query, why, **more):
    problem = "plan refused: " + why
    return [
        step(connect(query, **more), status(403), problem=problem),
        step(authorize(query, **more), returned(policy(DENIED)), problem=problem),
    ]


def closes(plan, why):
    problem = "plan not understood: " + why
    return [
        step(connect(signed(plan)), status(599), problem=problem),
        step(authorize(signed(plan)), {"throw": "probe: plan not understood"}, problem=problem),
    ]


def authorizes(plan, answer, **more):
    return [step(authorize(signed({"assay.authorizer." + k: v for k, v in plan.items()})), answer, **more)]


def header_of(query):
    return urllib.parse.urlencode(query, quote_via=urllib.parse.quote)


GOOD = signed({"assay.connect.status": "418"})
TWICE = ("assay.connect.status", "418")
TAMPERED = {**GOOD, "assay.connect.status": "200"}
LATER = {"assay.disconnect.throw": "left", "assay.run": "r-7f3k"}
HALF = '{"action":"x","assay":%s}'

INVOCATIONS = {
    "no plan": [
        step(connect(), status(200)),
        step(connect({"assay": NONCE}), status(200), nonce=NONCE),
        step(connect({"token": "abc", "assayer": "x"}), status(200)),
        step(connect(queryStringParameters=None, multiValueQueryStringParameters=None, headers=None), status(200)),
        step(authorize({"assay": NONCE}), returned(policy(ALLOWED)), nonce=NONCE),
        step(disconnect(), status(200)),
    ],
    "a status": does({"assay.connect.status": "403"}, status(403)),
    "a status and a body": does(
        {"assay.connect.status": "200", "assay.connect.body": "a+b c%20d&e=ü👋🏽"}, status(200, body="a+b c%20d&e=ü👋🏽")
    ),
    "an empty body": does({"assay.connect.body": ""}, status(200, body="")),
    "a subprotocol": does(
        {"assay.connect.subprotocol": "b"}, status(200, headers={"Sec-WebSocket-Protocol": "b"})
    ),
    "headers": does(
        {"assay.connect.header.X-A": "1", "assay.connect.header.x.b": "2"},
        status(200, headers={"X-A": "1", "x.b": "2"}),
    ),
    "a delay": does({"assay.connect.delay": "300"}, status(200), leastMs=300),
    "no delay": does({"assay.connect.delay": "0"}, status(200)),
    "a delay and an error": does(
        {"assay.connect.delay": "100", "assay.connect.throw": "boom ü"}, {"throw": "boom ü"}, leastMs=100
    ),
    "hangs": [{**step(connect(signed({"assay.connect.hang": "1"})), None), "hangs": True}],
    "an error": does({"assay.connect.throw": "boom"}, {"throw": "boom"}),
    "an error without text": does({"assay.connect.throw": ""}, {"throw": ""}),
    "returns null": does({"assay.connect.return": "null"}, returned(None)),
    "returns a text": does({"assay.connect.return": '"ok"'}, returned("ok")),
    "returns {}": does({"assay.connect.return": "{}"}, returned({})),
    "returns a list": does({"assay.connect.return": '[1,"2",false,null]'}, returned([1, "2", False, None])),
    "a plan about something else": [
        step(connect(signed({"assay.authorizer.effect": "deny"})), status(200)),
        step(authorize(signed({"assay.connect.status": "403"})), returned(policy(ALLOWED))),
    ],
    "a run": [step(connect({"assay": NONCE, **signed({"assay.run": "r-7f3k"})}), status(200), nonce=NONCE, runId="r-7f3k")],
    "the authorizer allows": authorizes({"effect": "allow"}, returned(policy(ALLOWED))),
    "the authorizer denies": authorizes({"effect": "deny"}, returned(policy(DENIED))),
    "the authorizer allows somebody with a context": authorizes(
        {"principalId": "somebody", "context": '{"n":1,"b":true,"t":"ü"}', "usageIdentifierKey": "key-1"},
        returned(policy(ALLOWED, principal="somebody", context={"n": 1, "b": True, "t": "ü"}, usageIdentifierKey="key-1")),
    ),
    "the authorizer gives one statement": authorizes(
        {"policy": '{"Effect":"Allow","Action":"*","Resource":"arn:{partition}:execute-api:{region}:{account}:{apiId}/{stage}/*"}'},
        returned(
            policy({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/probe/*"})
        ),
    ),
    "the authorizer gives statements": authorizes(
        {"policy": '[{"Effect":"Deny","Resource":"{methodArn}"},{"Effect":"Allow","Resource":"{unknown}"}]'},
        returned(policy({"Effect": "Deny", "Resource": ARN}, {"Effect": "Allow", "Resource": "{unknown}"})),
    ),
    "the authorizer gives a document": authorizes(
        {"policy": '{"Statement":"malformed"}'},
        returned({"principalId": "assay", "policyDocument": {"Statement": "malformed"}}),
    ),
    "the authorizer throws": authorizes({"throw": "Unauthorized"}, {"throw": "Unauthorized"}),
    "the authorizer returns null late": authorizes({"return": "null", "delay": "100"}, returned(None), leastMs=100),
    "without an ARN the request context tells": [
        {
            **step(
                {
                    "type": "REQUEST",
                    "requestContext": context("CONNECT", accountId="1", apiId="2", stage="3"),
                    "queryStringParameters": signed(
                        {"assay.authorizer.policy": '["{account}","{apiId}","{stage}","{region}","{partition}","{methodArn}"]'}
                    ),
                },
                returned(policy("1", "2", "3", "{region}", "{partition}", "{methodArn}")),
            ),
            "function": "authorizer",
            "type": "AUTHORIZER",
        }
    ],
    "unsigned": refuses({"assay.connect.status": "200"}, "unsigned"),
    "unsigned, only a run": refuses({"assay.run": "r-7f3k"}, "unsigned"),
    "unsigned, with an expiry": refuses({"assay.connect.status": "200", "assay.exp": EXP[1]}, "unsigned"),
    "altered: a value": refuses(TAMPERED, "altered"),
    "altered: one more": refuses({**GOOD, "assay.connect.delay": "1"}, "altered"),
    "altered: one less": refuses({k: v for k, v in GOOD.items() if "status" not in k}, "altered"),
    "altered: the expiry": refuses({**GOOD, "assay.exp": "4102444801"}, "altered"),
    "altered: the signature": refuses({**GOOD, "assay.sig": GOOD["assay.sig"][:-1]}, "altered"),
    "altered: padding": refuses({**GOOD, "assay.sig": GOOD["assay.sig"] + "="}, "altered"),
    "altered: an empty signature": refuses({**GOOD, "assay.sig": ""}, "altered"),
    "altered: a signature of other characters": refuses({**GOOD, "assay.sig": "ü👋" + GOOD["assay.sig"][2:]}, "altered"),
    "altered: a name beyond ASCII": refuses(
        {"assay.connect.header.ü": "1", "assay.exp": EXP[1], "assay.sig": GOOD["assay.sig"]}, "altered"
    ),
    "altered: a name twice": refuses(
        GOOD, "altered", multiValueQueryStringParameters={k: [v, v] if "status" in k else [v] for k, v in GOOD.items()}
    ),
    "altered: a name twice, signed twice": refuses(
        {"assay.exp": EXP[1], "assay.sig": signature(signed_text([TWICE, TWICE, EXP]))},
        "altered",
        multiValueQueryStringParameters={TWICE[0]: [TWICE[1], TWICE[1]]},
    ),
    "altered: a name in query and header": refuses(
        GOOD, "altered", headers={"X-Assay-Plan": "assay.connect.status=418"}
    ),
    "expired": refuses(signed({"assay.connect.status": "200"}, exp="1700000000"), "expired"),
    "expired: no number": refuses(signed({"assay.connect.status": "200"}, exp="4e9"), "expired"),
    "expired: no expiry": refuses(
        {"assay.run": "r", "assay.sig": signature('[["assay.run","r"]]')}, "expired"
    ),
    "not understood: another name": closes({"assay.connect.stauts": "200"}, "assay.connect.stauts"),
    "not understood: another invocation": closes({"assay.ping.status": "200"}, "assay.ping.status"),
    "not understood: a part of another": closes({"assay.connect.status.x": "200"}, "assay.connect.status.x"),
    "not understood: a header without a name": closes({"assay.connect.header": "200"}, "assay.connect.header"),
    "not understood: what only the other has": closes({"assay.authorizer.status": "200"}, "assay.authorizer.status"),
    "not understood: an effect": closes({"assay.authorizer.effect": "Deny"}, "assay.authorizer.effect"),
    "not understood: a delay": closes({"assay.connect.delay": "1.5"}, "assay.connect.delay"),
    "not understood: too long a delay": closes({"assay.connect.delay": "900001"}, "assay.connect.delay"),
    "not understood: a status": closes({"assay.disconnect.status": "-1"}, "assay.disconnect.status"),
    "not understood: digits of another script": closes({"assay.connect.status": "٢٠٠"}, "assay.connect.status"),
    "not understood: no JSON": closes({"assay.connect.return": "{"}, "assay.connect.return"),
    "not understood: JSON that only some know": closes({"assay.connect.return": "NaN"}, "assay.connect.return"),
    "not understood: two answers": closes(
        {"assay.connect.throw": "a", "assay.connect.status": "200"}, "assay.connect says two things at once"
    ),
    "not understood: two instants": closes(
        {"assay.connect.hang": "1", "assay.connect.delay": "1"}, "assay.connect says two things at once"
    ),
    "the multi-value form alone": [
        step(
            connect(multiValueQueryStringParameters={k: [v] for k, v in {"assay": NONCE, **GOOD}.items()}),
            status(418),
            nonce=NONCE,
        )
    ],
    "both forms": [
        step(connect(GOOD, multiValueQueryStringParameters={k: [v] for k, v in GOOD.items()}), status(418)),
        step(connect(TAMPERED, multiValueQueryStringParameters={k: [v] for k, v in GOOD.items()}), status(418)),
    ],
    "in the header": [
        step(connect(headers={"x-assay-plan": header_of({"assay": NONCE, **GOOD})}), status(418), nonce=NONCE),
        step(connect(multiValueHeaders={"X-Assay-Plan": [header_of(GOOD)]}), status(418)),
        step(
            connect(headers={"X-ASSAY-PLAN": header_of(signed({"assay.connect.body": "a+b c&d=é%👋"}))}),
            status(200, body="a+b c&d=é%👋"),
        ),
        step(connect(headers={"x-assay-plan": header_of(GOOD)}, queryStringParameters={"assay": NONCE}), status(418), nonce=NONCE),
    ],
    "a message without a plan": [
        step(message("hello"), status(200)),
        step(message('{"assay":"text"}'), status(200)),
        step(message('{"assay":null}'), status(200)),
        step(message("[" * 5000 + "]" * 5000), status(200)),
        step(message('{"action":"x"}'), status(200)),
        step(message("AAEC/w==", isBase64Encoded=True), status(200)),
    ],
    "a message with a plan": [
        step(
            message(HALF % json.dumps(signed({"assay.message.delay": "100", "assay.message.body": "pong"}))),
            status(200, body="pong"),
            leastMs=100,
        ),
        step(message(HALF % json.dumps({"assay": NONCE, **GOOD})), status(200), nonce=NONCE),
    ],
    "half a surrogate pair in a message": [
        step(message(HALF % json.dumps(signed({"assay.message.body": "a\ud800b"}))), status(200, body="a\ud800b")),
    ],
    "a message's plan that is no good": [
        step(message(HALF % '{"assay.message.status":"200"}'), status(403), problem="plan refused: unsigned"),
        step(message(HALF % json.dumps({**GOOD, "assay.connect.status": 418})), status(403), problem="plan refused: altered"),
        step(
            message(HALF % json.dumps(signed({"assay.message.x": "1"}))),
            status(200),
            problem="plan not understood: assay.message.x",
        ),
    ],
    "a message comes back": [
        step(message(body), status(200, body=body))
        for body in [HALF % json.dumps(signed({"assay.message.echo": "1"}), sort_keys=True)]
    ]
    + [
        step(message(body, isBase64Encoded=True), status(200, body=body, isBase64Encoded=True))
        for body in [base64.b64encode((HALF % json.dumps(signed({"assay.message.echo": "1"}))).encode()).decode()]
    ],
    "the plan of a disconnect is remembered": [
        step(connect({"assay": NONCE, **signed(LATER)}), status(200), nonce=NONCE, runId="r-7f3k"),
        step(disconnect(), {"throw": "left"}, nonce=NONCE, runId="r-7f3k"),
        step(disconnect(), status(200)),
    ],
    "each connection has its own": [
        step(connect(signed({"assay.disconnect.status": "500"})), status(200)),
        step(
            {**connect(signed({"assay.disconnect.delay": "200"})), "requestContext": context("CONNECT", connectionId="../x/ü")},
            status(200),
        ),
        step({**disconnect(), "requestContext": context("DISCONNECT", connectionId="../x/ü")}, status(200), leastMs=200),
        step(disconnect(), status(500)),
    ],
    "an id that is used again": [
        step(connect(signed(LATER)), status(200), runId="r-7f3k"),
        step(connect(GOOD), status(418)),
        step(disconnect(), status(200)),
    ],
    "a refused plan is not remembered": [
        step(connect({**signed(LATER), "assay.disconnect.throw": "x"}), status(403), problem="plan refused: altered"),
        step(disconnect(), status(200)),
    ],
}

sequences = [{"name": name, "invocations": steps} for name, steps in INVOCATIONS.items()]
vectors = [vector(name, parameters) for name, parameters in SIGNING.items()]
whole = {"v": 1, "secret": SECRET, "signing": vectors, "sequences": sequences}
FILE.write_text(json.dumps(whole, indent=2) + "\n", "utf-8")
