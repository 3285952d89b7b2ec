// Request parameters that $connect requires ("Set up data mapping for WebSocket APIs"). What a client without one is told is
// not documented: here it is what REST APIs tell.
import { z } from 'zod';
import { missingIdentity } from './authorizer.ts';
import type { ConnectionFacts } from './event.ts';
import type { Refusal } from './http-answer.ts';

/** `{ route.request.querystring.token: { Required: true } }` */
export const RouteParameters = z.record(
  z
    .string()
    .regex(
      /^route\.request\.(querystring|header)\.\S+$/,
      'write route.request.querystring.X or route.request.header.X',
    ),
  z.strictObject({ Required: z.boolean().default(false) }),
);

type Routes = Readonly<
  Record<string, { readonly RequestParameters?: z.output<typeof RouteParameters> | undefined }>
>;

/** Messages have neither headers nor a query string: what a route of theirs requires is never there. */
export function parameterProblems({
  Routes,
}: {
  readonly Routes: Routes;
}): readonly { readonly path: readonly string[]; readonly message: string }[] {
  return Object.entries(Routes)
    .filter(([key]) => key !== '$connect')
    .flatMap(([key, route]) =>
      required(route).map((name) => ({
        path: ['Routes', key, 'RequestParameters', name],
        message: 'only $connect has headers and a query string that can be required',
      })),
    );
}

/** Refuses a client that leaves out, or leaves empty, what $connect requires; `undefined` when all is there. */
export function parameterRefusal(
  { Routes }: { readonly Routes: Routes },
  facts: ConnectionFacts,
): Refusal | undefined {
  const missing = missingIdentity(required(Routes['$connect'] ?? {}), facts);
  if (missing.length === 0) return undefined;
  const names = missing.map((name) => name.replace(/^route\.request\.\w+\./, ''));
  return { status: 400, message: `Missing required request parameters: [${names.join(', ')}]` };
}

function required({ RequestParameters = {} }: Routes[string]): readonly string[] {
  return Object.entries(RequestParameters).flatMap(([name, { Required }]) =>
    Required ? [name] : [],
  );
}
