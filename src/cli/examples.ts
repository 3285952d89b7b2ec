// Examples of every command, which its help ends with.
import type { Command } from 'commander';

/** By command, what is typed behind `ws-assay`. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  init: ['init', 'init --url wss://staging.example.com/chat --auth header --ci github'],
  doctor: [
    'doctor',
    'doctor --url wss://staging.example.com/chat',
    'doctor --target reference --json',
  ],
  run: [
    'run',
    'run --url wss://staging.example.com/chat',
    'run chat.yaml --url wss://staging.example.com/chat --header "Authorization: Bearer $TOKEN"',
    "run 'connect/**' --target reference --reporter junit",
  ],
  bench: [
    'bench ws://127.0.0.1:8080/',
    'bench ws://127.0.0.1:8080/ --compare ws://127.0.0.1:8081/ --time 5s',
  ],
  baseline: [],
  'baseline update': ['baseline update --target serverless-offline --reason "known, issue 12"'],
  calibrate: ['calibrate aws-apigateway --target staging --out calibrations'],
  drift: ['drift calibrations/monday calibrations/today'],
  certify: [
    'certify --target staging',
    'certify --target staging --sign key.pem --out certificates/today',
  ],
  verify: ['verify certificates/today', 'verify certificates/today --key public.pem --json'],
  target: [],
  'target aws': ['target aws --stack ws-assay-probe --out targets/staging/target.yaml'],
  diff: ['diff reports/monday reports/today', 'diff reports/monday reports/today --json'],
  list: ['list', "list 'connect/*'", 'list --requirements --format json', 'list --faults'],
  explain: ['explain connect/throws', 'explain connect.integration.throws-502'],
  validate: ['validate', 'validate scenarios/chat.yaml targets/staging --format json'],
  export: [],
  'export k6': ['export k6 load/connect-rate --target staging --out k6'],
  import: [],
  'import k6': ['import k6 k6/metrics.json.gz --target staging'],
  gateway: [
    'gateway',
    'gateway template.yaml --port Chat=8080',
    'gateway --fault opens-before-integration',
  ],
  selftest: ['selftest opens-before-integration', 'selftest --full --matrix docs/kill-matrix.md'],
  report: ['report reports/2026-11-24', 'report reports/2026-11-24 --junit-dialect xunit-strict'],
  'report merge': ['report merge parts/1 parts/2 --out reports/all'],
  reconcile: ['reconcile reports/2026-11-24 --target staging'],
  completion: ['completion bash >> ~/.bashrc', 'completion zsh > ~/.zfunc/_ws-assay'],
};

/** Puts them behind the help of each command below a program. */
export function addExamples(program: Command, path = ''): void {
  for (const command of program.commands) {
    const name = `${path} ${command.name()}`.trim();
    const lines = EXAMPLES[name] ?? [];
    if (lines.length > 0) {
      const shown = lines.map((line) => `  $ ws-assay ${line}`).join('\n');
      command.addHelpText('after', `\nExamples:\n${shown}`);
    }
    addExamples(command, name);
  }
}
