// What a case needs of its target, derived from what it does and asks.
import type { Condition, EvidencePath, Moment, Step, Threshold } from './model.ts';
import { isInvocation } from './path.ts';
import { type SourceNode, walkNodes } from './source-node.ts';

/** Features that the steps need, each once. */
export function stepNeeds(steps: readonly Step[]): readonly string[] {
  return [...new Set(steps.flatMap(needsOfStep))];
}

/** Features that a condition needs. */
export function conditionNeeds(condition: Condition | Threshold): readonly string[] {
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
    case 'record':
      return pathNeeds(condition.paths);
    case 'distinct':
      return pathNeeds([condition.path]);
    case 'handshake':
    case 'received':
    case 'frames':
    case 'closed':
    case 'answers':
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

function needsOfStep(step: Step): readonly string[] {
  switch (step.verb) {
    case 'connect': {
      const { endpoint, credentials, backend } = step.connect;
      const named = credentials !== 'default' && credentials !== 'none';
      return [
        `endpoint:${endpoint}`,
        ...(named ? [`credentials:${endpoint}.${credentials}`] : []),
        ...(Object.keys(backend).length > 0 ? ['probe'] : []),
        ...('$disconnect' in backend ? ['probe.remembers'] : []),
      ];
    }
    case 'send':
      return step.send.backend === undefined ? [] : ['probe'];
    case 'release':
      return ['probe'];
    case 'wait':
      return momentNeeds([step.moment]);
    case 'postToConnection':
    case 'getConnection':
    case 'deleteConnection':
      // The connection's own id is told by the backend's events.
      return step.call.id === undefined ? ['management', 'observer'] : ['management'];
    case 'repeat':
    case 'parallel':
      return stepNeeds(step.steps);
    case 'close':
    case 'drop':
    case 'idle':
  }
  return [];
}

function momentNeeds(moments: readonly Moment[]): readonly string[] {
  return moments.some(({ of }) => of.kind === 'invocation') ? ['observer'] : [];
}

function pathNeeds(paths: readonly EvidencePath[]): readonly string[] {
  return paths.some(({ root }) => isInvocation(root)) ? ['observer'] : [];
}
