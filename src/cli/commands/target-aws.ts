// `ws-assay target aws`: the target file of a probe stack, from the outputs of the stack.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf, ToolError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { readStackOutputs, type StackSource } from '../../target/stack.ts';
import { stackTarget } from '../../target/stack-target.ts';
import type { Io } from '../io.ts';

/** Options of the command. */
export interface TargetAwsOptions {
  readonly stack: string;
  readonly region?: string;
  readonly out?: string;
}

/** Prints or writes it, and resolves with the exit code. */
export async function targetAwsCommand(io: Io, options: TargetAwsOptions): Promise<number> {
  const { stack, out } = options;
  const file = out === undefined ? undefined : resolve(io.cwd, out);
  if (file !== undefined && existsSync(file)) throw alreadyThere(out ?? file);
  const text = stackTarget(stack, await readStackOutputs(sourceOf(io, options)));
  if (file === undefined) io.stdout(text);
  else {
    write(file, text);
    io.stderr(`wrote ${out}\n`);
  }
  return 0;
}

function sourceOf({ env }: Io, { stack: name, region }: TargetAwsOptions): StackSource {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  const { AWS_SESSION_TOKEN: sessionToken } = env;
  return {
    name,
    region: region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'],
    endpoint: env['AWS_ENDPOINT_URL_CLOUDFORMATION'] ?? env['AWS_ENDPOINT_URL'],
    // Without keys in the environment the SDK looks for them itself: profiles, roles, single sign-on.
    credentials:
      accessKeyId && secretAccessKey
        ? { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
        : undefined,
  };
}

function alreadyThere(file: string): ToolError {
  return new ToolError('USAGE', `${file} is there already.`, {
    hint: 'Remove it, or choose another name with --out.',
  });
}

function write(file: string, text: string): void {
  try {
    makeFolder(dirname(file));
    writeFileSync(file, text, { flag: 'wx' });
  } catch (thrown) {
    throw new ToolError('REPORT_NOT_WRITABLE', `Cannot write ${file}: ${messageOf(thrown)}.`, {
      cause: thrown,
      hint: 'Choose another file with --out.',
    });
  }
}
