// What goes wrong that is neither the user's file (Diagnostic) nor the target (Finding):
// the world or we ourselves. Each has a stable code, a sentence, and a hint that says what to do.

/** Codes of tool errors. Once released a code keeps its meaning. Table: docs/errors.md. */
export type ErrorCode =
  | 'USAGE'
  | 'NOTHING_MATCHED'
  | 'FILE_UNREADABLE'
  | 'FILE_INVALID'
  | 'PORT_UNAVAILABLE'
  | 'TARGET_UNREACHABLE'
  | 'TARGET_LAUNCH_FAILED'
  | 'TARGET_DIED'
  | 'OBSERVER_SILENT'
  | 'OBSERVER_FAILED'
  | 'STACK_UNREADABLE'
  | 'ENGINE_UNAVAILABLE'
  | 'REPORT_NOT_WRITABLE'
  | 'GATEWAY_CONFIG'
  | 'CERTIFICATE_REFUSED'
  | 'INTERNAL';

/** An error that a user can act on. */
export class ToolError extends Error {
  readonly code: ErrorCode;
  /** One sentence: what to do about it. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'ToolError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a Node system error such as `ECONNREFUSED`; `undefined` without one. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
