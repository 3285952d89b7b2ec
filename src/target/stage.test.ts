import { expect, it } from 'vitest';
import { nodeFromJson } from '../scenario/source-node.ts';
import { judgeStage, stageOfHost } from './endpoint-url.ts';
import { featuresOf } from './features.ts';
import { targetFromUrl } from './parse.ts';

const AWS = 'wss://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com';

it.each([
  [`${AWS}/prod`, 'prod'],
  [`${AWS}/prod/?a=b`, 'prod'],
  [`${AWS}/`, undefined],
  [`${AWS}/prod/more`, undefined],
  ['wss://a1.execute-api.cn-north-1.amazonaws.com.cn/prod', 'prod'],
  ['wss://chat.example.com/prod', undefined],
  ['wss://execute-api.eu-west-1.amazonaws.com.example.com/prod', undefined],
  ['prod', undefined],
])('the stage of %s is %s', (url, stage) => {
  expect(stageOfHost(url)).toBe(stage);
});

it('makes features of the endpoint and of the target', () => {
  const made = targetFromUrl(`${AWS}/prod`);
  if ('diagnostics' in made) throw new Error(JSON.stringify(made));
  expect([...featuresOf(made.target)].filter((name) => name.includes('stage')).toSorted()).toEqual([
    'stage',
    'stage:open',
  ]);
});

it.each([
  ['probe', 'ws://127.0.0.1:1/probe', true],
  ['probe', 'ws://127.0.0.1:1/probe/?a=b', true],
  ['probe', 'ws://127.0.0.1:1/deep/probe/', false],
  ['probe', 'ws://127.0.0.1:1/', false],
  ['obe', 'ws://127.0.0.1:1/probe', false],
  ['p.obe', 'ws://127.0.0.1:1/probe', false],
])('stage %s of %s: %s', (stage, url, fits) => {
  const span = { file: 'target.yaml', line: 3, column: 5, length: 5 };
  const found = judgeStage(nodeFromJson(stage, span), url);
  expect(found.map(({ code, span: { line } }) => [code, line])).toEqual(
    fits ? [] : [['TGT_BAD_URL', 3]],
  );
});
