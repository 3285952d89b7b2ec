// A Lambda function that is the probe, through the control plane.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { call, type Work } from './provision-work.ts';
import { zipOf } from './zip.ts';

/** Makes a function that API Gateway may call, waits until it can be, and gives its ARN. */
export async function makeFunction(
  FunctionName: string,
  Handler: string,
  work: Work,
): Promise<string> {
  const { lambda } = work.plane;
  const { FunctionArn = '' } = await call('CreateFunction', work, (options) =>
    lambda.createFunction(
      {
        FunctionName,
        Handler,
        Runtime: 'nodejs20.x',
        Role: 'arn:aws:iam::000000000000:role/assay-probe',
        Timeout: Math.ceil(work.timeoutMs / 1000),
        Code: { ZipFile: probeZip() },
        Environment: {
          Variables: { ASSAY_PROBE_URL: work.probe.url, ASSAY_PROBE_TOKEN: work.probe.token },
        },
      },
      options,
    ),
  );
  work.made.push({
    what: `function ${FunctionName}`,
    remove: (options) => lambda.deleteFunction({ FunctionName }, options),
  });
  await untilActive(FunctionName, work);
  await call('AddPermission', work, (options) =>
    lambda.addPermission(
      {
        FunctionName,
        StatementId: 'assay',
        Action: 'lambda:InvokeFunction',
        Principal: 'apigateway.amazonaws.com',
      },
      options,
    ),
  );
  return FunctionArn;
}

/** A function that was made a moment ago may not be ready to be called. */
async function untilActive(FunctionName: string, work: Work): Promise<void> {
  for (let asked = 0; asked < MOST_ASKED; asked++) {
    const { State, StateReason } = await call('GetFunctionConfiguration', work, (options) =>
      work.plane.lambda.getFunctionConfiguration({ FunctionName }, options),
    );
    if (State === undefined || State === 'Active') return;
    if (State === 'Failed')
      throw new Error(`the function has failed: ${StateReason ?? 'no reason'}`);
    await work.clock.sleep(ASK_EVERY_MS, work.signal);
  }
  throw new Error(`the function was not ready within ${(MOST_ASKED * ASK_EVERY_MS) / 1000} s`);
}

const MOST_ASKED = 120;
const ASK_EVERY_MS = 250;

let zipped: Buffer | undefined;

/** The probe as it is deployed: the modules of probe/node. */
function probeZip(): Buffer {
  const folder = fileURLToPath(new URL('../../probe/node/', import.meta.url));
  zipped ??= zipOf(
    readdirSync(folder)
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => ({ name, content: readFileSync(`${folder}${name}`) })),
  );
  return zipped;
}
