// Writes the files that are generated from the schemas in the code: schema/*.json and
// docs/scenario-reference.md. `npm run generate` builds first, because it reads dist.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from '../dist/scenario/generate.js';
import { baselineFile } from '../dist/target/baseline-schema.js';
import { targetFile } from '../dist/target/schema.js';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const { path, text } of generatedFiles([targetFile, baselineFile])) {
  writeFileSync(`${root}${path}`, text);
  process.stdout.write(`${path}\n`);
}
