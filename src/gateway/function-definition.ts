// Which function a handler stands for: a file and its export, or one of the configuration with an environment of its own.
import { basename } from 'node:path';
import type { GatewayConfig } from './config.ts';
import type { FunctionFacts } from './execution-environment.ts';
import { functionIdOf } from './function-config.ts';

/** A function as it is run. */
export interface FunctionDefinition {
  /** `path#export`. */
  readonly handler: string;
  readonly functionName: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Its own time-out beside that of whoever calls it. */
  readonly timeoutMs: number | undefined;
}

/** The definition of `path#export` or `function:<id>`. */
export function definitionOf(
  handler: string,
  functions: GatewayConfig['Functions'],
): FunctionDefinition {
  const id = functionIdOf(handler);
  const known = id !== undefined && Object.hasOwn(functions, id) ? functions[id] : undefined;
  if (id === undefined || known === undefined) {
    const functionName = basename(fileOf(handler)).replace(/\.[^.]*$/, '');
    return { handler, functionName, environment: {}, timeoutMs: undefined };
  }
  return {
    handler: known.Handler,
    functionName: known.FunctionName ?? id,
    environment: known.Environment,
    timeoutMs: known.Timeout === undefined ? undefined : known.Timeout * 1000,
  };
}

/** What an execution environment of the function is told. */
export function functionFacts(
  { handler, functionName, environment }: FunctionDefinition,
  account: {
    readonly region: string;
    readonly accountId: string;
    readonly environment: Readonly<Record<string, string>>;
    readonly redirects: Readonly<Record<string, string>>;
  },
): FunctionFacts {
  const { region, accountId, redirects } = account;
  return {
    file: fileOf(handler),
    exportName: handler.slice(handler.lastIndexOf('#') + 1),
    functionName,
    functionArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
    environment: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      ...account.environment,
      ...environment,
    },
    redirects,
  };
}

function fileOf(handler: string): string {
  return handler.slice(0, handler.lastIndexOf('#'));
}
