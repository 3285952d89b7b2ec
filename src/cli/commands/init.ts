// `ws-assay init`: three answers, by flags or at a terminal, and the files that they make. Never overwrites.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { placeOf } from '../../wire/url.ts';
import { didYouMean } from '../did-you-mean.ts';
import { AUTHS, CIS, INIT_NAME, type InitAnswers, initFiles, variablesOf } from '../init-files.ts';
import type { Io } from '../io.ts';

/** Options of the command: what is given is not asked. */
export interface InitOptions extends Partial<InitAnswers> {
  /** Asks nothing: what is not given is `none`. */
  readonly yes?: boolean;
}

/** Writes the files and says what comes next; 130 where the questions are left unanswered. */
export async function initCommand(
  io: Io,
  folder: string | undefined,
  options: InitOptions,
): Promise<number> {
  const answers = await answersOf(io, options);
  if (answers === undefined) return 130;
  const root = resolve(io.cwd, folder ?? '.');
  const files = initFiles(answers);
  demandFree(io, root, Object.keys(files));
  for (const [path, text] of Object.entries(files)) write(join(root, path), text);
  io.stderr(
    `${Object.keys(files)
      .map((path) => `wrote  ${path}\n`)
      .join('')}\n`,
  );
  io.stderr(nextSteps(relative(io.cwd, root), answers));
  return 0;
}

async function answersOf(io: Io, options: InitOptions): Promise<InitAnswers | undefined> {
  const ask = options.yes === true ? undefined : io.ask;
  const url = options.url ?? (await ask?.('The URL of the endpoint (ws:// or wss://): '));
  if (url === undefined && ask !== undefined) return undefined;
  const place = demandUrl(url);
  const auth = await choice(options.auth, AUTHS, { ask, question: 'What it wants of a client' });
  if (auth === undefined) return undefined;
  const ci = await choice(options.ci, CIS, { ask, question: 'Where it is checked after a push' });
  return ci === undefined ? undefined : { url: place, auth, ci };
}

function demandUrl(url: string | undefined): string {
  if (url === undefined)
    throw new ToolError('USAGE', 'The URL of the endpoint is missing.', {
      hint: 'Write ws-assay init --url wss://…, or answer the questions at a terminal.',
    });
  const place = placeOf(url.trim());
  const isWebSocket = place?.url.protocol === 'ws:' || place?.url.protocol === 'wss:';
  if (place === undefined || !isWebSocket)
    throw new ToolError('USAGE', `${url.trim()} is not the URL of a WebSocket endpoint.`, {
      hint: 'Write ws://host:port/path, or wss:// with TLS.',
    });
  if (place.url.username !== '' || place.url.password !== '')
    // Not repeated: it is a secret.
    throw new ToolError('USAGE', 'The URL holds a password, which would be written to a file.', {
      hint: 'Leave it out, and choose --auth header.',
    });
  return url.trim();
}

/** The given one, or what is answered; undefined: nobody answers any more. */
async function choice<T extends string>(
  given: T | undefined,
  choices: readonly T[],
  { ask, question }: { readonly ask: Io['ask']; readonly question: string },
): Promise<T | undefined> {
  const none = choices.find((one) => one === 'none');
  if (given !== undefined || ask === undefined) return given ?? none;
  const answer = await ask(`${question} (${choices.join(', ')}) [none]: `);
  if (answer === undefined) return undefined;
  const word = answer.trim();
  const found = word === '' ? none : choices.find((one) => one === word);
  if (found !== undefined) return found;
  throw new ToolError('USAGE', `${word} is none of ${choices.join(', ')}.`, {
    hint: `${didYouMean([word], choices)}Nothing was written.`,
  });
}

function demandFree(io: Io, root: string, paths: readonly string[]): void {
  const taken = paths.filter((path) => existsSync(join(root, path)));
  if (taken.length === 0) return;
  const shown = taken.map((path) => relative(io.cwd, join(root, path))).join(', ');
  throw new ToolError('USAGE', `${shown} is there already. Nothing was written.`, {
    hint: 'Give another folder: ws-assay init <folder>, or move it away.',
  });
}

function write(path: string, text: string): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, text, { flag: 'wx' });
  } catch (thrown) {
    throw new ToolError('USAGE', `Cannot write ${path}: ${messageOf(thrown)}.`, { cause: thrown });
  }
}

function nextSteps(folder: string, answers: InitAnswers): string {
  const lines = [
    ...(folder === '' ? [] : [`cd ${folder}`]),
    ...variablesOf(answers).map((name) => `export ${name}=…`),
    `npx ws-assay doctor --target ${INIT_NAME}`,
    `npx ws-assay run ${INIT_NAME}/opens-and-closes --target ${INIT_NAME}`,
  ];
  const include =
    answers.ci === 'gitlab'
      ? '\nIn .gitlab-ci.yml: include: { local: .gitlab/ws-assay.yml }\n'
      : '';
  return `Next:\n${lines.map((line) => `  ${line}\n`).join('')}${include}`;
}
