// The frozen profile: its lock is that of the files, its core names checks that are there, and nothing is in it that a
// bundle could not judge again.
import { expect, it } from 'vitest';
import { changesSince } from '../../src/certify/profile-lock.ts';
import { readProfile } from '../../src/cli/frozen-profile.ts';
import { loadSuite } from '../../src/cli/library.ts';
import { findScenarios, findSuites } from '../../src/cli/workspace.ts';
import { listChecks } from '../../src/scenario/cross-check.ts';
import { matchPattern, selectIds } from '../../src/scenario/select.ts';
import { childOf } from '../../src/scenario/source-node.ts';
import { PACKAGE_ROOT, testIo } from '../support/io.ts';

const PROFILE = 'aws-apigateway@2026.1';
const io = testIo({ argv: [], cwd: PACKAGE_ROOT });
const profile = await readProfile(io, PROFILE);

it('is as its lock says; after a change on purpose: npm run generate, and a new version once it is released', () => {
  const { locked, now } = profile;
  expect(locked && changesSince(locked, now)).toEqual([]);
  expect(locked).toEqual(now);
});

it('has the seven parts, each with a core', () => {
  const parts = Object.entries(profile.suite.profiles);
  expect(parts.map(([name, { core, scenarios }]) => [name, core.length, scenarios.length])).toEqual(
    [
      ['connect-core', 26, 33],
      ['authorization', 16, 41],
      ['api-key', 3, 10],
      ['subprotocol', 4, 10],
      ['disconnect', 10, 19],
      ['connections-api', 13, 17],
      ['throttling', 4, 6],
    ],
  );
});

it('names as core only what is there and what a MUST asks for', () => {
  const checks = profile.scenarios.flatMap(({ scenario }) => listChecks(scenario));
  const levels = Object.values(profile.suite.profiles).flatMap(({ core }) =>
    core.map((id) => {
      const named = checks.filter(({ caseId, check }) => matchPattern(id, `${caseId}#${check}`));
      const ids = new Set(named.map(({ requirement }) => requirement ?? ''));
      return [id, ...[...ids].map((one) => profile.requirements.get(one)?.level)].join(' ');
    }),
  );
  expect(levels.filter((one) => !/^\S+#\S+( must)+$/.test(one))).toEqual([]);
});

it('holds nothing but what the suite has from which it was taken', () => {
  const found = findSuites(io).get('aws-apigateway');
  if (found === undefined) throw new Error('there is no suite aws-apigateway');
  const patterns = loadSuite(found).scenarios.map(({ pattern }) => pattern);
  const { selected } = selectIds(patterns, [...findScenarios(io).keys()]);
  const ids = profile.suite.scenarios.map(({ pattern }) => pattern);
  expect(ids.filter((id) => !selected.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

it('holds no load: its attempts are not in a result, and nothing could be judged again', () => {
  const loads = profile.scenarios.filter(({ scenario: { root } }) =>
    ['load', 'throttle'].some((key) => childOf(root, key) !== undefined),
  );
  expect(loads.map(({ scenario }) => scenario.id)).toEqual([]);
});

it('tells what changed', () => {
  const { now } = profile;
  const [file = ''] = Object.keys(now.files);
  const [requirement = ''] = Object.keys(now.requirements);
  const { [file]: _, ...fewer } = now.files;
  expect(changesSince({ ...now, files: fewer }, now)).toEqual([
    `${file} is new`,
    'its hash is not that of what it lists',
  ]);
  expect(changesSince(now, { ...now, files: fewer })).toEqual([`${file} is gone`]);
  const other = { ...now.requirements, [requirement]: 'x' };
  expect(changesSince(now, { ...now, requirements: other })).toEqual([
    `requirement ${requirement} is changed`,
  ]);
});
