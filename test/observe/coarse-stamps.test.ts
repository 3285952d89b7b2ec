// A backend that stamps whole seconds. What happens within one cannot be told from its stamps: a right
// server must not fail for it, and a wrong one must not pass. What needs no stamp is judged all the same.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findingOf, type Ran, runAssay, verdictLines } from '../support/assay.ts';
import { folderWith } from '../support/folder.ts';
import { recordOf, startLogServer, type Tell, type Told } from '../support/log-server.ts';

const wholeSecond = (): number => Math.floor(Date.now() / 1000) * 1000;

const SCENARIO = `title: A visit of two seconds
steps:
  - connect:
  - idle: 2100ms
  - close: { code: 1000 }
checks:
  told-once: { events: { $connect: 1, $disconnect: 1 } }
  told-after-the-end: { order: [closing, $disconnect.started] }
  told-soon: { elapsed: { from: closing, to: $disconnect.started, lte: 300ms } }
  told-in-order: { order: [$connect.started, $disconnect.started] }
  not-before: { never: { moment: $disconnect.started, before: $connect.started } }
  stayed: { elapsed: { from: $connect.started, to: $disconnect.started, gte: 1s, lte: 4s } }
  stayed-long: { elapsed: { from: $connect.started, to: $disconnect.started, gte: 4s } }
  stayed-two: { elapsed: { from: $connect.started, to: $disconnect.started, gte: 2s, lte: 2200ms } }
`;

async function visit(tell: Tell, observer: string, scenario = SCENARIO): Promise<Ran> {
  const folder = folderWith();
  const log = join(folder, 'chat.log');
  const { url } = await startLogServer(log, tell);
  const target = `url: ${url}\nsettle: 300ms\nobserver:\n  file: ${log}\n  ${observer}\n`;
  return runAssay(['visit.yaml', '--target', 'target.yaml'], {
    files: { 'visit.yaml': scenario, 'target.yaml': target },
  });
}

const mapped = (told: Told, time: unknown): object => ({
  kind: told.type,
  time,
  id: told.connectionId,
  url: `/?assay=${told.nonce}`,
});
const MAP = (format: string): string =>
  `map: { type: kind, at: { path: time, format: ${format} }, connectionId: id, nonce: url }`;

it.each<readonly [string, Tell, string]>([
  ['as milliseconds', (told, append) => append(recordOf(told, wholeSecond())), ''],
  ['as seconds', (told, append) => append(mapped(told, wholeSecond() / 1000)), MAP('s')],
  [
    'in ISO 8601 without a fraction',
    (told, append) =>
      append(mapped(told, new Date(wholeSecond()).toISOString().replace('.000', ''))),
    MAP('iso'),
  ],
])('a right server, stamped %s, fails nothing', async (_, tell, observer) => {
  const ran = await visit(tell, observer);
  expect(verdictLines(ran.result())).toEqual([
    'passed visit#told-once',
    'inconclusive visit#told-after-the-end',
    'inconclusive visit#told-soon',
    'passed visit#told-in-order',
    'passed visit#not-before',
    'passed visit#stayed',
    'failed visit#stayed-long',
    'inconclusive visit#stayed-two',
  ]);
  expect(findingOf(ran.result(), 'visit#told-soon').reason).toBe('CLOCK_BOUND');
  expect(findingOf(ran.result(), 'visit#stayed-two')).toMatchObject({
    reason: 'CLOCK_TICK',
    message:
      '$connect.started and $disconnect.started bear stamps that are known to 1000 ms only, over 500 ms',
  });
});

it('a wrong server, which tells of the end at the beginning, passes nothing by the stamps', async () => {
  const ran = await visit((told, append) => {
    if (told.type === 'DISCONNECT') return;
    const at = wholeSecond();
    append(recordOf(told, at));
    append(recordOf({ ...told, type: 'DISCONNECT' }, at));
  }, '');
  expect(verdictLines(ran.result())).toEqual([
    'passed visit#told-once',
    'inconclusive visit#told-after-the-end',
    'inconclusive visit#told-soon',
    'inconclusive visit#told-in-order',
    'inconclusive visit#not-before',
    'failed visit#stayed',
    'failed visit#stayed-long',
    'failed visit#stayed-two',
  ]);
});

it('a wrong server whose stamps are seconds apart is convicted', async () => {
  const ran = await visit((told, append) => {
    append(recordOf(told, wholeSecond() - (told.type === 'DISCONNECT' ? 5000 : 0)));
  }, '');
  expect(verdictLines(ran.result()).slice(3, 6)).toEqual([
    'failed visit#told-in-order',
    'failed visit#not-before',
    'failed visit#stayed',
  ]);
});
