// Models and which of them a route wants, in API Gateway's own words (CreateModel, CreateRoute).
import * as z from 'zod';
import { schemaProblem } from '../base/json-schema.ts';

/** A path in the body: `$request.body.a.b` or `${request.body.a.b}`. */
export const BODY_EXPRESSION =
  /^\$(?:request\.body((?:\.[A-Za-z_][\w-]*)+)|\{request\.body((?:\.[A-Za-z_][\w-]*)+)\})$/;

/** A model. Its schema is read as JSON Schema 2020-12, whatever draft `$schema` names. */
export const Model = z.strictObject({
  ContentType: z.literal('application/json').default('application/json'),
  Schema: z
    .record(z.string(), z.json())
    .superRefine((schema, context) => {
      const message = schemaProblem(withoutDraft(schema));
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .transform(withoutDraft),
});

/** Which model a route wants: the one that the expression chooses, else that of `$default`. */
export const REQUEST_MODELS = {
  ModelSelectionExpression: z
    .string()
    .refine(
      (expression) => expression === '$default' || BODY_EXPRESSION.test(expression),
      'write $default, or $request.body. and a path, such as $request.body.action',
    )
    .optional(),
  RequestModels: z.record(z.string().min(1), z.string()).optional(),
};

interface ModelProblem {
  readonly path: readonly string[];
  readonly message: string;
}

interface WithModels {
  readonly Routes: Readonly<
    Record<
      string,
      {
        readonly ModelSelectionExpression?: string | undefined;
        readonly RequestModels?: Readonly<Record<string, string>> | undefined;
      }
    >
  >;
  readonly Models: object;
}

/** What is wrong with the models that routes name. */
export function modelProblems({ Routes, Models }: WithModels): readonly ModelProblem[] {
  return Object.entries(Routes).flatMap(([key, { ModelSelectionExpression, RequestModels }]) => {
    const unknown = Object.entries(RequestModels ?? {})
      .filter(([, id]) => !Object.hasOwn(Models, id))
      .map(([name, id]) => ({
        path: ['Routes', key, 'RequestModels', name],
        message: `no model is called ${id}`,
      }));
    const together = (ModelSelectionExpression === undefined) === (RequestModels === undefined);
    const message = 'ModelSelectionExpression and RequestModels go together';
    return together ? unknown : [...unknown, { path: ['Routes', key], message }];
  });
}

// Models say that they are draft 4, and mean what both drafts mean.
function withoutDraft<T>(schema: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));
}
