// The head of a run: everything of its result that is known before the first case.
import type { Random } from '../base/random.ts';
import type { Redactor } from '../base/redact.ts';
import type { RunHead } from '../result/run-event.ts';
import { type RequirementInfo, SCHEMA_VERSION, type TargetInfo } from '../result/run-result.ts';
import type { Requirement } from '../scenario/requirement.ts';
import { routeFacts } from '../target/route.ts';
import type { Io } from './io.ts';
import { quoted } from './rerun.ts';
import type { RunPlan } from './run-plan.ts';

/** `20261122-193501-7f3k`: when it began, in UTC, and four random characters. */
export function newRunId(wallMs: number, random: Random): string {
  const at = new Date(wallMs)
    .toISOString()
    .replaceAll(/[-:]|\..*$/g, '')
    .replace('T', '-');
  const tail = Array.from(random.bytes(4), (byte) => (byte % 36).toString(36)).join('');
  return `${at}-${tail}`;
}

/** What the command line and this moment say of a run. */
export interface RunAbout {
  readonly runId: string;
  readonly seed: string;
  readonly failOn: 'must' | 'should';
  readonly redactor: Redactor;
}

/** Builds the head. */
export function headOf(io: Io, plan: RunPlan, run: RunAbout): RunHead {
  const { suite } = plan;
  return {
    ...headWithout(io, run),
    ...(suite === undefined
      ? {}
      : {
          suite: {
            name: suite.name,
            title: suite.title,
            ...(suite.version === undefined ? {} : { version: suite.version }),
          },
        }),
    target: targetInfo(plan, run.redactor),
    ...(plan.shard === undefined ? {} : { shard: plan.shard }),
    ...(plan.baseline === undefined ? {} : { baseline: plan.baseline }),
    requirements: citedRequirements(plan),
  };
}

/** The head of a run that had no plan: nothing is known of its target. */
export function headWithout(io: Io, run: RunAbout): RunHead {
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'ws-assay', version: io.version },
    runId: run.runId,
    startedAt: new Date(io.clock.wallMs()).toISOString(),
    command: run.redactor.text(['ws-assay', ...io.argv].map(quoted).join(' ')),
    seed: run.seed,
    policy: { failOn: run.failOn },
    environment: io.environment,
    target: {
      name: 'unknown',
      title: 'not told',
      endpoints: {},
      features: [],
      insecure: false,
      launched: false,
    },
    requirements: {},
  };
}

function targetInfo(plan: RunPlan, redactor: Redactor): TargetInfo {
  const { preview } = plan.target;
  const shown = preview.launch === undefined;
  const route = shown ? routeFacts(preview) : [];
  const endpoints = Object.entries(preview.endpoints).map(([role, { url }]) => [
    role,
    // The port of a target that we start is not known yet.
    shown ? redactor.text(url) : 'started by this run',
  ]);
  return {
    name: redactor.text(preview.name),
    title: redactor.text(preview.title),
    ...(preview.version === undefined ? {} : { version: preview.version }),
    endpoints: Object.fromEntries(endpoints),
    ...(preview.management === undefined || !shown
      ? {}
      : { management: redactor.text(preview.management) }),
    features: preview.features,
    insecure: preview.network.insecure,
    ...(route.length === 0 ? {} : { route }),
    launched: !shown,
    observed: plan.features.has('observer'),
  };
}

/** Only what the planned checks cite: a report needs no other file and carries no other text. */
function citedRequirements(plan: RunPlan): Readonly<Record<string, RequirementInfo>> {
  const ids = [
    ...plan.runnable.flatMap(({ checks }) => checks.map(({ requirement }) => requirement)),
    ...[...plan.notApplicable, ...plan.leftOut].flatMap(({ findings }) =>
      findings.map(({ requirement }) => requirement),
    ),
  ];
  const cited = [...new Set(ids)].flatMap((id) =>
    id === undefined ? [] : (plan.requirements.get(id) ?? []),
  );
  return Object.fromEntries(cited.map((one) => [one.id, infoOf(one)]));
}

function infoOf({ level, statement, confidence, sources }: Requirement): RequirementInfo {
  return {
    level,
    statement,
    ...(confidence === undefined ? {} : { confidence }),
    sources,
  };
}
