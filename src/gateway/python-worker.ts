// What runs inside one execution environment of Python. It is text, as that of Node is: it needs nothing but Python.

/**
 * The program. Reads one line of JSON with the facts of the function, then one for each invocation, and answers each by
 * one on the descriptor that was its standard output; what the function prints goes to standard error.
 */
export const PYTHON_WORKER_SOURCE = String.raw`
import importlib.util, json, logging, os, queue, signal, sys, threading, time, urllib.parse

orders_in = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
answers_out = os.dup(1)
os.dup2(2, 1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

def say(message):
    line = (json.dumps(message) + "\n").encode("ascii")
    while line:
        line = line[os.write(answers_out, line):]

def text_of(error):
    return str(error) or type(error).__name__

# As Lambda sets it up: a level of WARNING, one handler, the request id in each line.
class RequestId(logging.Filter):
    current = ""
    def filter(self, record):
        record.aws_request_id = RequestId.current
        return True

def set_up_logging():
    to = logging.StreamHandler(sys.stdout)
    shape = logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")
    shape.converter = time.gmtime
    to.setFormatter(shape)
    to.addFilter(RequestId())
    logging.getLogger().addHandler(to)

# Requests of the AWS SDK to the gateway's name on AWS go to the gateway; the Host header stays, as it is signed.
class Redirecting:
    def __init__(self, redirects):
        self.redirects = redirects

    def find_spec(self, name, path=None, target=None):
        if name != "botocore.httpsession":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module
        def exec_module(module):
            execute(module)
            self.patch(module)
        spec.loader.exec_module = exec_module
        return spec

    def patch(self, module):
        send, redirects = module.URLLib3Session.send, self.redirects
        def redirected(session, request):
            url = urllib.parse.urlsplit(request.url)
            origin = redirects.get(url.hostname) if url.scheme == "https" and url.port in (None, 443) else None
            if origin is None:
                return send(session, request)
            if "Host" not in request.headers:
                request.headers["Host"] = url.netloc
            request.url = origin + urllib.parse.urlunsplit(("", "", url.path, url.query, ""))
            session._verify = False if origin.startswith("https:") else session._verify
            return send(session, request)
        module.URLLib3Session.send = redirected

def load(facts):
    folder, name = os.path.split(facts["file"])
    sys.path.insert(0, folder)
    stem = os.path.splitext(name)[0]
    spec = importlib.util.spec_from_file_location(stem, facts["file"])
    module = importlib.util.module_from_spec(spec)
    sys.modules[stem] = module
    spec.loader.exec_module(module)
    function = getattr(module, facts["exportName"], None)
    if not callable(function):
        raise Exception("there is no function %s in %s" % (facts["exportName"], name))
    return function

class Context:
    function_version = "$LATEST"
    memory_limit_in_mb = "1024"
    client_context = None
    identity = None

    def __init__(self, facts, order):
        self.function_name = facts["functionName"]
        self.invoked_function_arn = facts["functionArn"]
        self.aws_request_id = order["awsRequestId"]
        self.log_group_name = "/aws/lambda/" + facts["functionName"]
        self.log_stream_name = order["awsRequestId"]
        self._deadline = time.monotonic() + order["timeoutMs"] / 1000

    def get_remaining_time_in_millis(self):
        return max(0, round((self._deadline - time.monotonic()) * 1000))

    def log(self, message):
        print(message)

def answer(function, facts, order):
    RequestId.current = order["awsRequestId"]
    try:
        value = function(json.loads(order["event"]), Context(facts, order))
    except Exception as error:
        return {"kind": "failed", "errorMessage": str(error), "errorType": type(error).__name__}
    try:
        return {"kind": "returned", "value": json.dumps(value, allow_nan=False)}
    except (TypeError, ValueError, RecursionError) as error:
        return {"kind": "failed", "errorMessage": "Unable to marshal response: " + str(error), "errorType": "Runtime.MarshalError"}

# An interrupt in the terminal is for the gateway, which ends its functions.
signal.signal(signal.SIGINT, signal.SIG_IGN)

# The gateway may have gone while the function runs: then this process goes too.
orders = queue.Queue()
def read():
    for line in orders_in:
        orders.put(json.loads(line))
    os._exit(0)
threading.Thread(target=read, daemon=True).start()

facts = orders.get()
os.environ.update(facts["environment"])
set_up_logging()
if facts["redirects"]:
    sys.meta_path.insert(0, Redirecting(facts["redirects"]))
try:
    function = load(facts)
except Exception as error:
    say({"kind": "unloadable", "errorMessage": text_of(error), "errorType": type(error).__name__})
else:
    say({"kind": "ready"})
while True:
    order = orders.get()
    say(answer(function, facts, order))
`;
