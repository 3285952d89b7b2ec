// The microbenchmarks run, and each measures something.
import { expect, it } from 'vitest';
import { start } from '../support/command.ts';
import { PACKAGE_ROOT } from '../support/io.ts';

it('bench/micro.mjs times every piece of hot code', async () => {
  const command = [process.execPath, 'bench/micro.mjs', '--time', '5', '--json'];
  const done = await start(command, { cwd: PACKAGE_ROOT }).done;
  expect(done.stderr).toBe('');
  const rows = JSON.parse(done.stdout) as { name: string; medianNs: number; samples: number }[];
  expect(rows.map(({ name }) => name)).toEqual([
    'build an upgrade request',
    'parse the head of a 101',
    'judge a 101 by its memory',
    'encode a masked frame of 17 bytes',
    'encode a masked frame of 1 KiB',
    'decode a frame of 17 bytes',
    'decode a frame of 1 KiB',
    'record a time in a histogram',
    'schedule an attempt, evenly',
    'schedule an attempt, poisson',
    'schedule an attempt of a ramp',
    'redact 1 KiB of text',
  ]);
  // Far below what any call takes, far above what a call that does nothing takes.
  expect(rows.filter(({ medianNs, samples }) => !(medianNs > 1 && samples >= 64))).toEqual([]);
});
