// Tells when a template or the code of its functions changes on disk.
import { type Dirent, type FSWatcher, readdirSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';

/** What is watched. */
export interface Watched {
  /** The template, an absolute path. */
  readonly file: string;
  /** Folders of code, absolute; what is below them counts, too. */
  readonly folders: readonly string[];
}

/** A running watch. */
export interface Watching {
  /** Watches other folders from now on. */
  update(folders: readonly string[]): void;
  close(): void;
}

/**
 * Calls `onChange` with the changed files, once they have been quiet for a moment. Installed modules and hidden folders are not
 * watched: they change by hundreds, and seldom.
 */
export function watchFiles(
  { file, folders }: Watched,
  clock: Clock,
  onChange: (files: readonly string[]) => void,
): Watching {
  const changed = new Set<string>();
  let cancel = (): void => undefined;
  const heard = (path: string): void => {
    changed.add(path);
    cancel();
    cancel = clock.after(QUIET_MS, () => {
      const files = [...changed];
      changed.clear();
      onChange(files);
    });
  };
  // Its folder, not the file: editors write a new file and rename it.
  const own = open(dirname(file), (name) => {
    if (name === basename(file)) heard(file);
  });
  let others = openAll(folders, file, heard);
  return {
    update: (next) => {
      for (const one of others) one.close();
      others = openAll(next, file, heard);
    },
    close: () => {
      cancel();
      for (const one of [...(own === undefined ? [] : [own]), ...others]) one.close();
    },
  };
}

/** Long enough for an editor or a compiler that writes several files. */
const QUIET_MS = 150;
/** Folders of code at most; a source tree has fewer. */
const MOST_FOLDERS = 1000;

function openAll(
  roots: readonly string[],
  template: string,
  heard: (path: string) => void,
): readonly FSWatcher[] {
  const found: string[] = [];
  const queue = [...new Set(roots)];
  for (
    let folder = queue.shift();
    folder !== undefined && found.length < MOST_FOLDERS;
    folder = queue.shift()
  ) {
    found.push(folder);
    queue.push(...foldersIn(folder));
  }
  return [...new Set(found)].flatMap((folder) => {
    const watcher = open(folder, (name) => {
      const path = join(folder, name);
      if (path !== template && !name.startsWith('.') && !SKIPPED.has(name)) heard(path);
    });
    return watcher === undefined ? [] : [watcher];
  });
}

function foldersIn(folder: string): readonly string[] {
  return entries(folder)
    .filter(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name),
    )
    .map(({ name }) => join(folder, name));
}

const SKIPPED = new Set(['node_modules', '__pycache__']);

function entries(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // it has just gone
  }
}

function open(folder: string, heard: (name: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, (_, name) => {
      if (name !== null) heard(name);
    });
    // A folder that goes is no reason to end.
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}
