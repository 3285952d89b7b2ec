// What a plan makes the probe return or throw.

/** The answer to one invocation, `{ return }` or `{ throw }`, by its step of the plan. */
export function buildAnswer(type, event, step) {
  if (step.throw !== undefined) return { throw: step.throw };
  if (step.return !== undefined) return { return: step.return };
  return { return: type === 'AUTHORIZER' ? policyAnswer(event, step) : proxyAnswer(event, step) };
}

function proxyAnswer(event, { status = 200, headers, subprotocol, body, echo }) {
  const all = {
    ...headers,
    ...(subprotocol !== undefined && { 'Sec-WebSocket-Protocol': subprotocol }),
  };
  return {
    statusCode: status,
    ...(Object.keys(all).length > 0 && { headers: all }),
    ...(echo ? echoOf(event) : body !== undefined && { body }),
  };
}

function echoOf({ body, isBase64Encoded }) {
  if (!isText(body)) return {};
  return { body, ...(isBase64Encoded === true && { isBase64Encoded }) };
}

function policyAnswer(event, step) {
  const { principalId = 'assay', context, usageIdentifierKey } = step;
  return {
    principalId,
    policyDocument: policyDocument(event, step),
    ...(context !== undefined && { context }),
    ...(usageIdentifierKey !== undefined && { usageIdentifierKey }),
  };
}

// A list is the document's statements, one with an `Effect` its only one, anything else the document.
function policyDocument(event, { effect = 'allow', policy }) {
  if (policy === undefined) return documentOf([statementOf(event, effect)]);
  const filled = fill(policy, placeholdersOf(event));
  if (Array.isArray(filled)) return documentOf(filled);
  return filled?.Effect === undefined ? filled : documentOf([filled]);
}

const documentOf = (statements) => ({ Version: '2012-10-17', Statement: statements });

const statementOf = ({ methodArn }, effect) => ({
  Action: 'execute-api:Invoke',
  Effect: effect === 'deny' ? 'Deny' : 'Allow',
  Resource: isText(methodArn) ? methodArn : '*',
});

function placeholdersOf({ methodArn, requestContext }) {
  const [, partition, , region, account, resource] = isText(methodArn) ? methodArn.split(':') : [];
  const [apiId, stage] = resource?.split('/') ?? [];
  const said = requestContext ?? {};
  return {
    methodArn,
    partition,
    region,
    account: account ?? said.accountId,
    apiId: apiId ?? said.apiId,
    stage: stage ?? said.stage,
  };
}

// What the event does not say stays as it was written, for all to see.
function fill(value, known) {
  if (isText(value)) {
    return value.replace(
      /\{(methodArn|partition|apiId|stage|region|account)\}/g,
      (written, name) => (isText(known[name]) ? known[name] : written),
    );
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, known)]));
}

const isText = (value) => typeof value === 'string';
