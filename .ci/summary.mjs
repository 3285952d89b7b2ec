// What failed, short enough to be read at the end of a long log, then `PASSED FAILED` on standard
// output. Usage: node .ci/summary.mjs RESULTS.json EXIT_CODE_OF_VITEST
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const [, , resultsFile = '', exitCode = '1'] = process.argv;
const files = read(resultsFile).testResults ?? [];
const tests = files.flatMap((file) => file.assertionResults ?? []);
const failed = tests.filter(({ status }) => status === 'failed');
const broken = files.filter(
  ({ status, assertionResults = [] }) =>
    status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
);
const all = [
  ...failed.map(({ fullName, failureMessages = [] }) => ({
    title: `FAILED ${fullName}`,
    message: failureMessages.join('\n'),
  })),
  ...broken.map(({ name, message = '' }) => ({ title: `BROKEN ${name}`, message })),
];
for (const { title, message } of all) console.error(`${title}\n${shortened(message)}`);
// Once more, a line each: of a long log often only the end is shown.
for (const { title, message } of all)
  console.error(stripVTControlCharacters(`${title}: ${message}`).split('\n', 1)[0].slice(0, 110));
const passed = tests.filter(({ status }) => status === 'passed').length;
let lost = all.length;
// An error outside every test, or no results at all.
if (lost === 0 && exitCode !== '0') {
  console.error(`vitest ended with exit code ${exitCode} though no test failed; see its log above`);
  lost = 1;
}
console.log(passed, lost);

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

function shortened(message) {
  const printed = stripVTControlCharacters(message).split('\n');
  const lines = printed.filter((line) => !line.includes('/node_modules/'));
  const kept =
    lines.length > 24 ? [...lines.slice(0, 24), `… ${lines.length - 24} more lines`] : lines;
  return kept.map((line) => `    ${line.slice(0, 300)}`).join('\n');
}
