// The part of a configuration that is about IAM, in its own words (CreateUser, CreateAccessKey,
// PutUserPolicy): who may sign requests, with which keys, and what their policies allow.
import { z } from 'zod';
import type { ConfigProblem } from './config.ts';

/** An access key. Its id is the name that it has in the configuration; the rest is secret. */
const AccessKey = z.strictObject({
  SecretAccessKey: z.string().min(1),
  /** Makes the credentials temporary: a request must bring this very token. */
  SessionToken: z.string().min(1).optional(),
  Status: z.enum(['Active', 'Inactive']).default('Active'),
});

const texts = z.union([z.string(), z.array(z.string()).min(1)], {
  error: 'write a text or a list of texts',
});

const Statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  /** `execute-api:Invoke`, `execute-api:ManageConnections`; `*` and `?` as IAM has them. */
  Action: texts,
  /** Such as `arn:aws:execute-api:us-east-1:123456789012:API-ID/STAGE/$connect`. */
  Resource: texts,
});

/** An identity policy; elements that are not understood are refused, not ignored. */
const PolicyDocument = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']),
  /** One statement, or a list of them. */
  Statement: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(Statement)),
});

/** A user of the account. Its name in the configuration is that of its ARN. */
const User = z.strictObject({
  AccessKeys: z
    .record(
      z.string().regex(/^\w{16,128}$/, 'an access key id has 16 to 128 letters, digits and _'),
      AccessKey,
    )
    .default({}),
  /** What it may do; without a policy nothing. */
  PolicyDocument: PolicyDocument.optional(),
});

/** Users by name. */
export const Users = z
  .record(
    z.string().regex(/^[\w+=,.@-]{1,64}$/, 'a user name has 1 to 64 letters, digits and _+=,.@-'),
    User,
  )
  .default({});

/** How requests to @connections are authorized; API Gateway always has AWS_IAM. */
export const ConnectionsAuthorizationType = z.enum(['NONE', 'AWS_IAM']).default('NONE');

/** What the problems are looked for in. */
interface IamConfig {
  readonly Users: z.output<typeof Users>;
}

/** Access key ids that two users have. */
export function iamProblems(config: IamConfig): readonly ConfigProblem[] {
  const first = new Map<string, string>();
  return Object.entries(config.Users).flatMap(([name, { AccessKeys }]) =>
    Object.keys(AccessKeys).flatMap((id) => {
      const other = first.get(id);
      first.set(id, other ?? name);
      if (other === undefined) return [];
      return [{ path: ['Users', name, 'AccessKeys', id], message: `is a key of ${other} too` }];
    }),
  );
}
