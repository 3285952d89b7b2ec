// Writes docs/compatibility.md from the results of finished runs, a column each:
// npm run compatibility -- reports/<run>/result.json …
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderCompatibility } from '../dist/report/compatibility.js';
import { parseRunResult } from '../dist/report/json.js';

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('Name the result.json of at least one run.');
const page = fileURLToPath(new URL('../docs/compatibility.md', import.meta.url));
writeFileSync(page, renderCompatibility(files.map(finishedRun)));
process.stdout.write('docs/compatibility.md\n');

/** The run of a file; of one that could not test everything the page would say less than it seems to. */
function finishedRun(file) {
  const parsed = parseRunResult(readFileSync(file, 'utf8'));
  if (parsed.kind === 'problem') throw new Error(`${file}: ${parsed.message}`);
  const { interrupted, notRun, problems } = parsed.result;
  if (interrupted || notRun.length > 0 || problems.length > 0) {
    throw new Error(`${file}: this run is not finished, or could not test everything.`);
  }
  return parsed.result;
}
