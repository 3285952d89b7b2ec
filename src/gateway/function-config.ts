// The part of a configuration that is about functions, in Lambda's own words (CreateFunction). An integration that needs no
// environment of its own names its file instead.
import { z } from 'zod';
import type { ConfigProblem } from './config.ts';
import { Runtime } from './handler-config.ts';

/** A Lambda function. */
export const FunctionConfiguration: z.ZodObject<{
  FunctionName: z.ZodOptional<z.ZodString>;
  Handler: z.ZodString;
  Runtime: typeof Runtime;
  Environment: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
  Timeout: z.ZodOptional<z.ZodInt>;
}> = z.strictObject({
  /** @default its id */
  FunctionName: z.string().min(1).optional(),
  Handler: z.string(),
  Runtime,
  /** Beside that of all functions, and before it. */
  Environment: z.record(z.string(), z.string()).default({}),
  /** Seconds; without one only the time-out of the integration counts. */
  Timeout: z.int().min(1).max(900).optional(),
});

/** The id that `function:<id>` names; `undefined` for a handler that is a file. */
export function functionIdOf(handler: string): string | undefined {
  return /^function:(.+)$/.exec(handler)?.[1];
}

interface CallingConfig {
  readonly Functions: object;
  readonly Apis: Readonly<
    Record<string, Readonly<Record<'Integrations' | 'Authorizers', Handled>>>
  >;
}

type Handled = Readonly<Record<string, { readonly Handler?: string | undefined }>>;

/** References to functions that are not there. */
export function functionProblems({ Apis, Functions }: CallingConfig): readonly ConfigProblem[] {
  return Object.entries(Apis).flatMap(([name, api]) =>
    (['Integrations', 'Authorizers'] as const).flatMap((kind) =>
      Object.entries(api[kind]).flatMap(([id, { Handler = '' }]) => {
        const wanted = functionIdOf(Handler);
        if (wanted === undefined || Object.hasOwn(Functions, wanted)) return [];
        return [
          { path: ['Apis', name, kind, id, 'Handler'], message: `no function is called ${wanted}` },
        ];
      }),
    ),
  );
}
