// Where the run was made: what is needed to make it again.
import type { VNode } from 'preact';
import type { RunResult } from '../../result/run-result.ts';
import { Fact } from './run-facts.tsx';
import { Section } from './section.tsx';
import { Code, Seen } from './seen.tsx';

/** The last section. */
export function Environment({ result }: { readonly result: RunResult }): VNode {
  const { environment, tool, seed, runId, target } = result;
  return (
    <Section id="environment" title="Environment">
      <dl class="facts">
        <Fact name="Run">
          <Code text={runId} />
        </Fact>
        <Fact name="Seed">
          <Code text={seed} />
        </Fact>
        <Fact name="Tool">
          <Seen text={`${tool.name} ${tool.version}`} />
        </Fact>
        <Fact name="Runtime">
          <Seen text={`Node ${environment.node}, ${environment.platform} ${environment.arch}`} />
        </Fact>
        {target.management === undefined ? null : (
          <Fact name="Management URL">
            <Code text={target.management} />
          </Fact>
        )}
        <Fact name="Declared features">
          {target.features.length === 0 ? 'none' : <Code text={target.features.join(' ')} />}
        </Fact>
      </dl>
    </Section>
  );
}
