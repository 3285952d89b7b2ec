// Which function an integration or an authorizer names: `file#export`, or in Lambda's own words.
import { z } from 'zod';

/** Lambda's name of a runtime. Which version of it runs is a matter of the machine. */
export const Runtime = z
  .string()
  .regex(/^(nodejs\d+\.x|python3\.\d+)$/, 'write a runtime such as nodejs22.x or python3.13')
  .optional();

interface Function {
  readonly Handler: string;
  readonly Runtime?: string | undefined;
}

/** Checks the handler of what has one, and writes it as `file#export`, a file in Python with `.py`. */
export function withHandler<T extends z.ZodType<Function>>(
  schema: T,
): z.ZodPipe<T, z.ZodTransform<z.output<T>, z.output<T>>> {
  return schema.transform((owner, context) => {
    const Handler = fileAndExport(owner);
    const message = handlerProblem(Handler, owner);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['Handler'], message });
    return { ...owner, Handler };
  });
}

/** A handler as `file#export`; Lambda writes `folder/file.function`. */
export function fileAndExport({ Handler, Runtime: runtime = '' }: Function): string {
  if (Handler.includes('#') || !runtime.startsWith('python')) return Handler;
  return Handler.replace(/\.([^./]*)$/, '.py#$1');
}

/** What is wrong with a handler in that form. */
export function handlerProblem(
  handler: string,
  { Runtime: runtime }: Pick<Function, 'Runtime'>,
): string | undefined {
  if (/^function:[A-Za-z0-9_-]+$/.test(handler)) return undefined;
  const python = runtime?.startsWith('python') === true;
  if (!/^.+#[A-Za-z_$][\w$]*$/.test(handler)) {
    if (python) return 'write a file, a dot and the function, such as app.lambda_handler';
    return 'write a file, # and the exported function';
  }
  if (runtime === undefined || python === /\.py#/.test(handler)) return undefined;
  return python ? `${runtime} needs a file that ends with .py` : `${runtime} cannot run a .py file`;
}
