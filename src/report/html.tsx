// A run as one self-contained HTML file: no network, readable with scripts blocked, and by its own
// policy unable to run or load anything but the style and the script that are written here.
import { createHash } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import type { RunResult } from '../result/run-result.ts';
import { Page } from './html/page.tsx';
import { SCRIPT } from './html/script.ts';
import { STYLE } from './html/style.ts';

/** Renders `result` as a document. */
export function renderHtml(result: RunResult): string {
  return `<!doctype html>\n${renderToString(<Page result={result} policy={POLICY} />)}\n`;
}

const POLICY = [
  "default-src 'none'",
  `style-src '${sourceHash(STYLE)}'`,
  `script-src '${sourceHash(SCRIPT)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
