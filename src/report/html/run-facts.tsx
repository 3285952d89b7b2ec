// What was run against what, with which policy: the facts that a verdict is worth nothing without.
import type { ComponentChildren, VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import { countOf, formatUs } from '../count.ts';
import { suiteName } from '../suite-name.ts';
import { Code, Seen } from './seen.tsx';

/** The facts of a run. */
export function RunFacts({ result }: { readonly result: RunResult }): VNode {
  const { target, suite, policy } = result;
  const named = Object.entries(target.endpoints);
  return (
    <dl class="facts">
      <Fact name="Target">
        <Seen
          text={[target.title, target.version].filter((part) => part !== undefined).join(' ')}
        />{' '}
        <Code text={target.name} />
        {target.launched ? ', launched by this run' : ''}
      </Fact>
      <Fact name={named.length === 1 ? 'Endpoint' : 'Endpoints'}>
        <ul class="plain">
          {[...byUrl(named)].map(([url, roles]) => (
            <li>
              <Seen text={roles.join(', ')} /> <Code text={url} />
            </li>
          ))}
        </ul>
        {(target.route ?? []).map((fact) => (
          <div>
            <Seen text={fact} />
          </div>
        ))}
        {target.insecure ? (
          <strong class="insecure">▲ TLS certificates were not verified</strong>
        ) : null}
      </Fact>
      {suite === undefined ? null : (
        <Fact name="Suite">
          <Seen text={suite.title} /> <Code text={suiteName(suite)} />
        </Fact>
      )}
      <Fact name="Policy">{POLICY[policy.failOn]}</Fact>
      <Fact name="Cases">
        {countOf(result.cases.length, 'case')}
        {result.notRun.length === 0 ? '' : `, ${result.notRun.length} never ran`}
      </Fact>
      {result.shard === undefined ? null : (
        <Fact name="Part">{`${result.shard.index} of ${result.shard.of}, of a run of ${countOf(result.shard.cases, 'case')}`}</Fact>
      )}
      {result.merged === undefined ? null : (
        <Fact name="Put together from">
          <ul class="plain">
            {result.merged.map(({ index, runId, durationMs, command }) => (
              <li>
                {`part ${index}, ${formatUs(durationMs * 1000)} `}
                <Code text={runId} /> <Code text={command} />
              </li>
            ))}
          </ul>
        </Fact>
      )}
      <Fact name="Started">
        <time dateTime={result.startedAt}>
          <Seen text={result.startedAt} />
        </time>
        {`, took ${formatUs(result.durationMs * 1000)}`}
      </Fact>
      <Fact name="Exit code">{result.exitCode}</Fact>
      <Fact name="Command">
        <Code text={result.command} />
      </Fact>
    </dl>
  );
}

// A gateway that was launched has dozens of roles, all "started by this run".
function byUrl(
  named: readonly (readonly [role: string, url: string])[],
): ReadonlyMap<string, readonly string[]> {
  const grouped = new Map<string, string[]>();
  for (const [role, url] of named) grouped.set(url, [...(grouped.get(url) ?? []), role]);
  return grouped;
}

/** One term and what belongs to it. */
export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const POLICY: Readonly<Record<RunResult['policy']['failOn'], string>> = {
  must: 'a violated MUST fails the run, a violated SHOULD warns',
  should: 'a violated MUST or SHOULD fails the run',
};
