// Follows a file of event records, one a line, from where it ends now: through rotation (another file
// of that name), truncation, and lines that are written in pieces.
import { Buffer } from 'node:buffer';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { messageOf, systemCodeOf, ToolError } from '../base/errors.ts';
import { createIntake, type Intake } from './intake.ts';
import type { Observer, Watch } from './observer.ts';

/** Which file to follow. */
export interface FileSource {
  readonly path: string;
  /** It may come into being later: a backend that the run starts makes it. */
  readonly mayAppear: boolean;
}

/**
 * Follows a file. What stands in it already is not read.
 *
 * @throws {ToolError} OBSERVER_FAILED when it cannot be read, or is not there and need not appear
 */
export async function observeFile(source: FileSource, watch: Watch): Promise<Observer> {
  const name = `the file ${source.path}`;
  const tail = createTail(source.path, createIntake(name, watch));
  await tail.open(source.mayAppear);
  let failure: string | undefined;
  let cancel = (): void => undefined;
  let closing: Promise<void> | undefined;
  let missingSinceUs: number | undefined;

  const look = async (): Promise<void> => {
    const there = await tail.read();
    if (there || !tail.wasThere) missingSinceUs = undefined;
    else missingSinceUs ??= watch.clock.nowUs();
    if (missingSinceUs !== undefined && watch.clock.nowUs() - missingSinceUs > GONE_US)
      throw new Error('it is gone');
  };
  const fail = (thrown: unknown): void => {
    failure = `${name} can no longer be read: ${messageOf(thrown)}`;
  };
  let looking: Promise<void> = Promise.resolve();
  const again = (): void => {
    looking = look().then(
      () => {
        if (closing === undefined) cancel = watch.clock.after(POLL_MS, again);
      },
      (thrown: unknown) => fail(thrown),
    );
  };
  again();
  const close = async (): Promise<void> => {
    cancel();
    await looking;
    if (failure === undefined) await look().catch(() => undefined);
    await tail.close();
  };
  return {
    name,
    get failure() {
      return failure;
    },
    notices: () => tail.notices(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const POLL_MS = 25;
// A rotation takes an instant; what stays away longer will not come back.
const GONE_US = 5_000_000;
const CHUNK_BYTES = 256 * 1024;

interface Tail {
  /** It has been there at least once. */
  readonly wasThere: boolean;
  open(mayAppear: boolean): Promise<void>;
  /** Reads all that is new; false while there is no file of that name. */
  read(): Promise<boolean>;
  notices(): readonly string[];
  close(): Promise<void>;
}

function createTail(path: string, intake: Intake): Tail {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let file: FileHandle | undefined;
  let offset = 0;

  const drain = async (): Promise<void> => {
    for (;;) {
      const { bytesRead = 0 } = (await file?.read(buffer, 0, CHUNK_BYTES, offset)) ?? {};
      if (bytesRead === 0) return;
      intake.bytes(buffer.subarray(0, bytesRead), offset);
      offset += bytesRead;
    }
  };
  const change = async (next: FileHandle | undefined): Promise<void> => {
    await file?.close();
    file = next;
    offset = 0;
  };
  const read = async (): Promise<boolean> => {
    const named = await statOf(path);
    if (file === undefined && named !== undefined) await change(await open(path, 'r'));
    if (file === undefined) return false;
    const own = await file.stat();
    if (own.size < offset) {
      // Truncated: what was torn is lost with the rest.
      intake.end();
      offset = 0;
    }
    await drain();
    if (named === undefined) return false;
    if (named.ino === own.ino && named.dev === own.dev) return true;
    intake.end();
    await change(await open(path, 'r'));
    await drain();
    return true;
  };
  return {
    get wasThere() {
      return file !== undefined;
    },
    open: async (mayAppear) => {
      try {
        await change(await open(path, 'r'));
        offset = await startOf(file, intake);
      } catch (thrown) {
        if (mayAppear && systemCodeOf(thrown) === 'ENOENT') return;
        throw unreadable(path, thrown);
      }
    },
    read,
    notices: () => intake.notices(),
    close: () => change(undefined),
  };
}

/** Behind what is there. A line that is being written now began before. */
async function startOf(file: FileHandle | undefined, intake: Intake): Promise<number> {
  const stats = await file?.stat();
  if (stats?.isFile() !== true) throw new Error('it is not a file');
  const last = Buffer.alloc(1);
  if (stats.size > 0) await file?.read(last, 0, 1, stats.size - 1);
  if (stats.size > 0 && last.toString('latin1') !== '\n') intake.skipLine();
  return stats.size;
}

async function statOf(
  path: string,
): Promise<{ readonly ino: number; readonly dev: number } | undefined> {
  try {
    return await stat(path);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function unreadable(path: string, cause: unknown): ToolError {
  const missing = systemCodeOf(cause) === 'ENOENT';
  return new ToolError(
    'OBSERVER_FAILED',
    missing ? `There is no file ${path} to observe.` : `Cannot read ${path}: ${messageOf(cause)}.`,
    {
      cause,
      hint: missing ? 'Create it, empty, before the run: touch it.' : 'Check its permissions.',
    },
  );
}
