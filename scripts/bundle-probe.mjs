// Writes the probe, one file of CommonJS, into probe/aws/template.yaml: so the stack is deployed without a bucket.
// Code in a template becomes index.js, which Node takes for CommonJS. `npm run generate` runs it;
// `--print` prints the template instead of writing it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = 'probe/aws/template.yaml';
const text = readFileSync(`${root}${file}`, 'utf8');
const written = withCode(text, await bundle());
if (process.argv[2] === '--print') process.stdout.write(written);
else {
  writeFileSync(`${root}${file}`, written);
  process.stdout.write(`${file}\n`);
}

async function bundle() {
  const bundled = await rolldown({
    cwd: root,
    input: 'probe/aws/index.mjs',
    platform: 'node',
    // The SDK is part of Lambda's runtime.
    external: [/^node:/, /^@aws-sdk\//],
  });
  const { output } = await bundled.generate({
    format: 'cjs',
    comments: false,
    codeSplitting: false,
    // A template that is deployed without a bucket has 51 200 bytes at most.
    minify: true,
  });
  await bundled.close();
  if (output.length !== 1) throw new Error(`the probe became ${output.length} files`);
  return output[0].code;
}

function withCode(template, code) {
  const [, before, indent, after] =
    /^(.*\n( *)ZipFile: \|\n).*?(\n *# The probe ends here\.\n.*)$/s.exec(template) ?? [];
  if (indent === undefined) throw new Error(`${file} has no place for the code`);
  const lines = code.replaceAll('\t', '  ').trimEnd().split('\n');
  const block = lines.map((line) => (line === '' ? '' : `${indent}  ${line}`)).join('\n');
  return `${before}${block}${after}`;
}
