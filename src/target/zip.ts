// A zip archive, uncompressed: what Lambda's control plane takes a function's code as.
import { crc32 } from 'node:zlib';

/** One file of an archive. */
export interface ZipEntry {
  /** Path inside the archive, with `/`. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** The archive of these files, readable by all, dated 1980: the same files give the same bytes. Format: PKWARE APPNOTE 4.3. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const path = Buffer.from(name, 'utf8');
    const common = commonHeader(path, content);
    const file = Buffer.concat([bytes([4, 0x04034b50]), common, path, content]);
    directory.push(centralHeader(common, offset), path);
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...files, central, endOf(entries.length, central.length, offset)]);
}

/** Version, flags, method, time, date, checksum, sizes, lengths: alike in both headers. */
function commonHeader(path: Buffer, content: Uint8Array): Buffer {
  const { length } = content;
  return bytes(
    [2, 20],
    [2, UTF8_NAMES],
    [2, STORED],
    [2, 0],
    [2, DATE_1980],
    [4, crc32(content)],
    [4, length],
    [4, length],
    [2, path.length],
    [2, 0],
  );
}

function centralHeader(common: Buffer, offset: number): Buffer {
  // No comment, first disk, no internal attributes, those of a Unix file, and where it begins.
  const rest = bytes([2, 0], [2, 0], [2, 0], [4, READABLE_FILE], [4, offset]);
  return Buffer.concat([bytes([4, 0x02014b50], [2, MADE_BY_UNIX]), common, rest]);
}

function endOf(count: number, size: number, offset: number): Buffer {
  return bytes(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, offset],
    [2, 0],
  );
}

const UTF8_NAMES = 0x0800;
const STORED = 0;
const DATE_1980 = 0x0021;
const MADE_BY_UNIX = 0x0314;
// -rw-r--r-- in the upper half.
const READABLE_FILE = (0o100644 << 16) >>> 0;

/** Little-endian integers, each of so many bytes. */
function bytes(...fields: readonly (readonly [size: 2 | 4, value: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([size, value]) => {
      const field = Buffer.alloc(size);
      field.writeUIntLE(value, 0, size);
      return field;
    }),
  );
}
