// Connects to an API Gateway WebSocket API with AWS_IAM: each attempt signs its own URL. Kept by hand.
//   URL=wss://id.execute-api.eu-west-1.amazonaws.com/stage AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=… \
//   AWS_SECRET_ACCESS_KEY=… k6 run iam.k6.ts
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { attempt, env, presigned } from './assay.k6.ts';

const sessionToken = __ENV['AWS_SESSION_TOKEN'];

export const options: Options = {
  scenarios: {
    iam: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV['RATE'] ?? 5),
      timeUnit: '1s',
      duration: `${Number(__ENV['DURATION'] ?? 5)}s`,
      preAllocatedVUs: 50,
    },
  },
  thresholds: {
    dropped_iterations: ['count==0'],
    'ws_sessions{status:403}': ['count==0'],
  },
};

export default function (): void {
  const signer = {
    accessKeyId: env('AWS_ACCESS_KEY_ID'),
    secretAccessKey: env('AWS_SECRET_ACCESS_KEY'),
    region: env('AWS_REGION'),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  attempt({
    number: exec.scenario.iterationInTest,
    url: presigned(env('URL'), signer),
    openForMs: 500,
    close: { code: 1000 },
    timeoutMs: 10_000,
  });
}
