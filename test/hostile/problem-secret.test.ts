// What keeps a run from testing may repeat a secret: the command of an observer, and what it said.
import { expect, test } from 'vitest';
import { runAssay } from '../support/assay.ts';
import { startHandServer } from '../support/hand-server.ts';

const SECRET = 'canary-9c1f77aa';

test.each([
  ['ends', `console.error('login with ' + process.argv[1] + ' failed'); process.exit(1)`],
  ['is silent', `setTimeout(() => {}, 60000)`],
])('an observer that %s tells no secret of its command', async (_, code) => {
  const server = await startHandServer();
  const ran = await runAssay(['own.yaml', '--target', 'own'], {
    env: { TOKEN: SECRET },
    files: {
      'own.yaml':
        'title: Told\nsteps:\n  - connect:\n  - close: {}\nchecks:\n  once: { events: { $connect: 1 } }\n',
      'targets/own/target.yaml': `url: ${server.url}\nobserver: { exec: [node, -e, ${JSON.stringify(code)}, "\${secret:TOKEN}"] }\n`,
    },
  });
  server.stop();
  expect(ran.code).toBe(3);
  expect(ran.result().problems).toHaveLength(1);
  const everything = [ran.stdout, ran.stderr, ...Object.values(ran.files).map(String)].join('\n');
  expect(everything).not.toContain(SECRET);
});
