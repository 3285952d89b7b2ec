// Writes the files that are generated from the schemas in the code: schema/*.json and
// docs/scenario-reference.md; from the requirements docs/requirements.md; and the locks of frozen profiles. `npm run generate`
// builds first, because it reads dist.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { calibrationFile } from '../dist/certify/calibration-file.js';
import { certificateFile } from '../dist/certify/certificate-file.js';
import { renderLock } from '../dist/certify/profile-lock.js';
import { readProfile } from '../dist/cli/frozen-profile.js';
import { generatedFiles } from '../dist/scenario/generate.js';
import { parseRequirements } from '../dist/scenario/requirement.js';
import { requirementsPage } from '../dist/scenario/requirement-page.js';
import { baselineFile } from '../dist/target/baseline-schema.js';
import { targetFile } from '../dist/target/schema.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const SUITE = 'aws-apigateway';
const file = `suites/${SUITE}/requirements.yaml`;
const parsed = parseRequirements(file, readFileSync(`${root}${file}`, 'utf8'));
if (parsed.registry === undefined)
  throw new Error(`${file} has mistakes: ws-assay validate says which`);
const requirements = {
  path: 'docs/requirements.md',
  text: requirementsPage(SUITE, parsed.registry),
};
for (const { path, text } of [
  ...generatedFiles([targetFile, baselineFile, calibrationFile, certificateFile]),
  requirements,
]) {
  writeFileSync(`${root}${path}`, text);
  process.stdout.write(`${path}\n`);
}
for (const name of readdirSync(`${root}suites`).filter((one) => one.includes('@'))) {
  const { now } = await readProfile({ cwd: root, packageRoot: root }, name);
  writeFileSync(`${root}suites/${name}/suite.lock.json`, renderLock(now));
  process.stdout.write(`suites/${name}/suite.lock.json\n`);
}
