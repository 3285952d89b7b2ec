"""Writes the "signing" part of probe/contract/vectors.json. It knows nothing of the probes: Python's own hmac
and json are the independent oracle. Usage: python3 scripts/probe-vectors.py && npx biome check --write probe
"""

import base64
import hashlib
import hmac
import json
import pathlib
import re

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
    "names sort by their UTF-8 bytes": [
        ("assay.connect.header.\U0001f600", "after U+FF5E, though its UTF-16 begins with a lesser unit"),
        ("assay.connect.header.\uff5e", "first"),
        EXP,
    ],
    "half a surrogate pair, which only the JSON of a message can hold": [("assay.message.body", "a\ud800b\udc00"), EXP],
    "an empty value": [("assay.connect.body", ""), EXP],
    "a message": [("assay.message.echo", "1"), ("assay.message.delay", "20"), EXP],
    "a long value": [("assay.connect.body", "0123456789" * 300), EXP],
}


def signed_text(parameters):
    plan = [pair for pair in parameters if pair[0].startswith("assay.") and pair[0] != "assay.sig"]
    plan.sort(key=lambda pair: pair[0].encode("utf-8"))
    text = json.dumps(plan, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff]", lambda half: "\\u%04x" % ord(half.group()), text)


def signature(text):
    digest = hmac.new(SECRET.encode("utf-8"), text.encode("utf-8"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def vector(name, parameters):
    text = signed_text(parameters)
    return {"name": name, "parameters": parameters, "signed": text, "signature": signature(text)}


known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
vectors = [vector(name, parameters) for name, parameters in SIGNING.items()]
FILE.write_text(json.dumps({**known, "v": 1, "secret": SECRET, "signing": vectors}, indent=2) + "\n", "utf-8")
