// Reads what a documentation test needs out of Markdown: fenced blocks, code, links, headings.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../support/io.ts';

/** A Markdown file of this repository. */
export interface Page {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
}

/** A fenced block. */
export interface Block {
  /** `docs/running.md:42`, the line of its first line of content. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /** What a comment above says that it is: `<!-- yaml: GitLab CI -->`. */
  readonly kind: string | undefined;
}

/** The pages that are written for readers, those that exist. */
export function pages(): readonly Page[] {
  const below = readdirSync(join(PACKAGE_ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name).slice(PACKAGE_ROOT.length));
  return [...AT_THE_ROOT, ...below]
    .filter((file) => existsSync(join(PACKAGE_ROOT, file)))
    .map((file) => ({ file, text: readFileSync(join(PACKAGE_ROOT, file), 'utf8') }))
    .toSorted((a, b) => a.file.localeCompare(b.file));
}

const AT_THE_ROOT = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'targets/serverless-offline/README.md',
];

/** Every fenced block of a page, without its indentation. */
export function blocksOf({ file, text }: Page): readonly Block[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const { kind, indent = '', language = '', content = '' } = match.groups ?? {};
    const before = text.slice(0, match.index + match[0].length - content.length - FENCE_END);
    return {
      place: `${file}:${before.split('\n').length}`,
      language,
      text: content
        .split('\n')
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
        .join('\n'),
      kind,
    };
  });
}

const FENCE =
  /(?:^<!-- yaml: (?<kind>[^\n]*?) -->\n+)?^(?<indent> *)```(?<language>[\w-]*)\n(?<content>(?:.*\n)*?) *```$/gm;
const FENCE_END = 3;

/** All code of a page: fenced blocks line by line, and what stands between backticks. */
export function codeOf(page: Page): readonly string[] {
  const lines = blocksOf(page).flatMap(({ text }) => text.split('\n'));
  return [...lines, ...spansOf(page)];
}

/** What stands between single backticks. */
export function spansOf(page: Page): readonly string[] {
  const prose = page.text.replaceAll(FENCE, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** Targets of links to other files of this repository, or to headings. */
export function relativeLinksOf(page: Page): readonly string[] {
  const prose = page.text.replaceAll(FENCE, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf({ text }: Pick<Page, 'text'>): ReadonlySet<string> {
  const headings = [...text.replaceAll(FENCE, '').matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
