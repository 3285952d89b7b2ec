// Scripts for versions of k6 that have the module under another name.

/** The oldest k6 that shall run it. */
export type K6Version = '1.0' | '1.6';

/** What `--k6-version` takes, and what it means: from 1.6 on the module is stable (grafana/k6#5586). */
export function readK6Version(text: string): K6Version | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)(?:\.\d+)?$/.exec(text) ?? [];
  if (major === undefined || Number(major) < 1) return undefined;
  return Number(major) === 1 && Number(minor) < 6 ? '1.0' : '1.6';
}

/** What that version cannot do of any load, a sentence each. */
export function gapsOfVersion(version: K6Version): readonly string[] {
  return version === '1.0'
    ? ['an end by the server with 1000 or 1001 and a reset are not told apart by k6 1.0 to 1.4']
    : [];
}

const STABLE = "'k6/websockets'";
const EXPERIMENTAL = "'k6/experimental/websockets'";

/** The text of a script or of the library for that version. */
export function forK6(text: string, version: K6Version): string {
  if (version === '1.6') return text;
  // The types of k6 2 no longer name the old module: those of the version in use do.
  return text
    .replaceAll(STABLE, EXPERIMENTAL)
    .replaceAll('For k6 1.6 or newer', 'For k6 1.0 to 1.5');
}
