// Packages that only some observers need: the user installs them beside ws-assay, and they are loaded on first use.
import { messageOf, systemCodeOf, ToolError } from '../base/errors.ts';

/**
 * Loads one. `who` needs it, as a sentence begins: `The observer redis`.
 *
 * @throws {ToolError} OBSERVER_FAILED where it is not installed, with the command that does it
 */
export async function loadPeer<T>(name: string, load: () => Promise<T>, who: string): Promise<T> {
  try {
    return await load();
  } catch (thrown) {
    const isMissing = systemCodeOf(thrown) === 'ERR_MODULE_NOT_FOUND';
    throw new ToolError(
      'OBSERVER_FAILED',
      isMissing
        ? `${who} needs the package ${name}, which is not installed.`
        : `${who} cannot load the package ${name}: ${messageOf(thrown)}.`,
      { cause: thrown, hint: `Install it beside ws-assay: npm install ${name}` },
    );
  }
}
