// The outputs of a stack of CloudFormation. The AWS SDK is loaded on first use.
import { messageOf, ToolError } from '../base/errors.ts';

/** Which stack, and whom to ask for it. */
export interface StackSource {
  readonly name: string;
  /** Undefined: as the SDK finds it. */
  readonly region: string | undefined;
  /** In place of that of AWS. */
  readonly endpoint: string | undefined;
  /** Undefined: as the SDK finds them. */
  readonly credentials:
    | {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
      }
    | undefined;
}

/** What a stack puts out, by the key of the output. */
export type StackOutputs = Readonly<Record<string, string>>;

/**
 * Asks for the outputs of a stack that is complete.
 *
 * @throws {ToolError} STACK_UNREADABLE when it cannot be asked for, is not there, or is not complete
 */
export async function readStackOutputs(source: StackSource): Promise<StackOutputs> {
  const { CloudFormationClient: Client, DescribeStacksCommand: Describe } = await loadClient();
  const { name, ...options } = source;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const client = new Client({ ...Object.fromEntries(given), maxAttempts: 2 });
  try {
    const { Stacks: [stack] = [] } = await client.send(new Describe({ StackName: name }), {
      abortSignal: AbortSignal.timeout(WITHIN_MS),
    });
    if (!COMPLETE.test(stack?.StackStatus ?? '')) throw new Error(`it is ${stack?.StackStatus}`);
    const outputs = stack?.Outputs ?? [];
    return Object.fromEntries(
      outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } catch (thrown) {
    throw new ToolError(
      'STACK_UNREADABLE',
      `The stack ${name} cannot be read: ${messageOf(thrown)}.`,
      {
        hint: 'Is it deployed and complete, in this Region (--region) and with these credentials (aws sts get-caller-identity)?',
        cause: thrown,
      },
    );
  } finally {
    client.destroy();
  }
}

const WITHIN_MS = 30_000;
// A rollback of an update leaves the stack as it was before; one of a creation leaves nothing.
const COMPLETE =
  /^((CREATE|UPDATE|IMPORT)_COMPLETE|UPDATE_(ROLLBACK_COMPLETE|COMPLETE_CLEANUP_IN_PROGRESS))$/;

async function loadClient() {
  try {
    return await import('@aws-sdk/client-cloudformation');
  } catch (thrown) {
    const message = `A stack is read by a package that is not here: ${messageOf(thrown).split('\n')[0]}.`;
    const hint = 'npm install @aws-sdk/client-cloudformation';
    throw new ToolError('STACK_UNREADABLE', message, { hint, cause: thrown });
  }
}
