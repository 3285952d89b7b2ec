// Lines of k6's output: of a file that is whole, plain or compressed, and of one that still grows.
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, ToolError } from '../base/errors.ts';

/**
 * Calls back with each line of a file, in order, until `onLine` returns false; resolves with what stood behind the last
 * line end.
 *
 * @throws {ToolError} FILE_UNREADABLE
 */
export async function readLines(
  path: string,
  onLine: (line: string) => boolean | void,
): Promise<string> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const isPacked = path.endsWith('.gz');
  // A file that is cut ends the unpacking with an error: what came before it counts.
  const stream = isPacked ? pipeline(file, createGunzip(), () => {}) : file;
  let isEnough = false;
  const split = createSplitter((line) => {
    if (!isEnough && onLine(line) === false) isEnough = true;
  });
  try {
    for await (const chunk of stream) {
      split.take(chunk as Buffer); // no encoding is set
      if (isEnough) return '';
    }
  } catch (thrown) {
    if (isPacked && isCut(thrown)) return split.rest() === '' ? CUT : split.rest();
    throw new ToolError(
      'FILE_UNREADABLE',
      `${basename(path)} cannot be read: ${messageOf(thrown)}.`,
      {
        cause: thrown,
        hint: isPacked ? 'What ends with .gz has to be a file of gzip.' : 'Check the path.',
      },
    );
  }
  return split.rest();
}

const CHUNK_BYTES = 1024 * 1024;
const CUT = '(the compressed file is cut)';

function isCut(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'Z_BUF_ERROR';
}

/** A file that grows. */
export interface Follower {
  /** Reads what is new; nothing while the file is not there. */
  read(): Promise<void>;
  /** What stands behind the last line end. */
  rest(): string;
  close(): Promise<void>;
}

/** Follows a file from its beginning. */
export function follow(path: string, onLine: (line: string) => void): Follower {
  const split = createSplitter(onLine);
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let handle: FileHandle | undefined;
  return {
    read: async () => {
      handle ??= await open(path).catch(() => undefined);
      if (handle === undefined) return;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) return;
        split.take(buffer.subarray(0, bytesRead));
      }
    },
    rest: () => split.rest(),
    close: async () => handle?.close(),
  };
}

interface Splitter {
  take(chunk: Buffer): void;
  rest(): string;
}

// Bytes, not text: a character may be cut by the end of a chunk, a line end is one byte.
function createSplitter(onLine: (line: string) => void): Splitter {
  let pending: Buffer[] = [];
  return {
    take: (chunk) => {
      let from = 0;
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
        const piece = chunk.subarray(from, at);
        onLine(
          pending.length === 0 ? piece.toString() : Buffer.concat([...pending, piece]).toString(),
        );
        pending = [];
        from = at + 1;
      }
      if (from < chunk.length) pending.push(Buffer.from(chunk.subarray(from)));
    },
    rest: () => Buffer.concat(pending).toString(),
  };
}

const LF = 10;
