// What a case needs of its target, derived from what it does and asks.
import { isJsonObject } from '../base/json.ts';
import type {
  CallSpec,
  Condition,
  ConnectSpec,
  EstimateSpec,
  EvidencePath,
  Moment,
  Plan,
  SendSpec,
  Step,
  Threshold,
} from './model.ts';
import { isInvocation } from './path.ts';
import { type SourceNode, walkNodes } from './source-node.ts';

/** Features that the steps need, each once. */
export function stepNeeds(steps: readonly Step[]): readonly string[] {
  return [...new Set(steps.flatMap(needsOfStep))];
}

/** Features that a condition needs. */
export function conditionNeeds(condition: Condition | Threshold | EstimateSpec): readonly string[] {
  switch (condition.kind) {
    case 'threshold':
      return conditionNeeds(condition.of);
    case 'events':
      return ['observer'];
    case 'order':
      return momentNeeds(condition.moments);
    case 'never':
      return momentNeeds([condition.moment, ...(condition.side ? [condition.side.moment] : [])]);
    case 'elapsed':
      return momentNeeds([condition.from, condition.to]);
    case 'same':
    case 'between':
    case 'distinct':
    case 'record':
      return pathNeeds(condition.paths);
    case 'handshake':
    case 'received':
    case 'frames':
    case 'closed':
    case 'answers':
    case 'estimate':
  }
  return [];
}

/** The limits that went into a part of a document, and the first that the target does not declare. */
export function limitsIn(node: SourceNode | undefined): {
  readonly needs: readonly string[];
  readonly missing: string | undefined;
} {
  const used = new Set<string>();
  let missing: string | undefined;
  if (node === undefined) return { needs: [], missing };
  walkNodes(node, (one) => {
    if (one.kind !== 'scalar') return;
    for (const name of one.limits ?? []) used.add(`limits.${name}`);
    missing ??= one.missingLimit;
  });
  return { needs: [...used], missing: missing === undefined ? undefined : `limits.${missing}` };
}

/** Features that connecting like this needs. */
export function connectNeeds(connect: ConnectSpec): readonly string[] {
  const { endpoint, credentials, sign, backend, raw, path, nonce } = connect;
  const named = credentials !== 'default' && credentials !== 'none';
  return [
    `endpoint:${endpoint}`,
    ...(named ? [`credentials:${endpoint}.${credentials}`] : []),
    ...(sign === undefined ? [] : [`signing:${endpoint}.${credentials}`]),
    ...(namesStage(path) ? [`stage:${endpoint}`] : []),
    // A log of one's own need not keep headers; the probe tells the whole event.
    ...(Object.keys(backend).length > 0 || nonce === 'header' ? ['probe'] : []),
    // A script has no place in a request that is written out.
    ...(Object.keys(backend).length > 0 && raw !== undefined ? ['probe.remote'] : []),
    // What is that long has no place in a URL.
    ...(isFilledUp(backend.authorizer) ? ['probe.remote'] : []),
    ...('$disconnect' in backend ? ['probe.remembers'] : []),
  ];
}

function needsOfStep(step: Step): readonly string[] {
  switch (step.verb) {
    case 'connect':
      return connectNeeds(step.connect);
    case 'send':
      if (step.send.backend === undefined) return [];
      return isJsonMessage(step.send) ? ['probe'] : ['probe', 'probe.remote'];
    case 'release':
      return ['probe'];
    case 'wait':
      return momentNeeds([step.moment]);
    case 'postToConnection':
    case 'getConnection':
    case 'deleteConnection':
      // The connection's own id is told by the backend's events.
      return [
        'management',
        ...callCredentialNeeds(step.call),
        ...(step.call.id === undefined ? ['observer'] : []),
        ...(namesStage(step.call.path) ? ['stage:open'] : []),
      ];
    case 'repeat':
    case 'parallel':
      return stepNeeds(step.steps);
    case 'close':
    case 'drop':
    case 'idle':
  }
  return [];
}

function isFilledUp(plan: Plan | undefined): boolean {
  return plan?.answer.kind === 'authorizer' && plan.answer.resultBytes !== undefined;
}

function namesStage(path: string | undefined): boolean {
  return /\{stage\}/i.test(path ?? '');
}

function callCredentialNeeds({ credentials = 'default', sign }: CallSpec): readonly string[] {
  const named = credentials !== 'default' && credentials !== 'none';
  return [
    ...(named ? [`credentials:management.${credentials}`] : []),
    // To leave a signature out means something where there would be one.
    ...(sign === undefined ? [] : [`signing:management.${credentials}`]),
  ];
}

/** The plan of a message can travel in it, as the key `assay` of a JSON object. */
function isJsonMessage(send: SendSpec): boolean {
  if (send.kind !== 'text' || !('text' in send.payload)) return false;
  try {
    return isJsonObject(JSON.parse(send.payload.text));
  } catch {
    return false;
  }
}

function momentNeeds(moments: readonly Moment[]): readonly string[] {
  return moments.some(({ of }) => of.kind === 'invocation') ? ['observer'] : [];
}

function pathNeeds(paths: readonly EvidencePath[]): readonly string[] {
  return paths.some(({ root }) => isInvocation(root)) ? ['observer'] : [];
}
