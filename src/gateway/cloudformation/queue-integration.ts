// An integration with SQS: API Gateway itself sends what a mapping template made of the request to a queue. It is
// called as AWS calls it, at the SQS that AWS_ENDPOINT_URL_SQS names, but not signed: what speaks SQS on one's own
// machine asks for no signature.
import type { Scope } from './scope.ts';
import { mapNode, type TemplateMap, type TemplateNode, textNode, textOf } from './template-node.ts';

const QUEUE = /^arn:[\w-]+:apigateway:[\w-]*:sqs:path\/(\d{12}\/[\w-]{1,80}(?:\.fifo)?)$/;

/** Writes it as an integration with HTTP. A URI that names no queue is a finding. */
export function queueIntegration(
  { findings }: Scope,
  own: TemplateNode,
  { uri, hasRole }: { readonly uri: TemplateNode; readonly hasRole: boolean },
): TemplateNode {
  const path = QUEUE.exec(textOf(uri) ?? '')?.[1];
  if (path === undefined) {
    const hint = 'write arn:aws:apigateway:REGION:sqs:path/ACCOUNT/QUEUE';
    findings.problem(uri.span, `"${textOf(uri) ?? ''}" names no queue`, hint);
    return { kind: 'unknown', span: own.span };
  }
  if (!hasRole) {
    const hint = 'write CredentialsArn: and the role that may sqs:SendMessage';
    findings.note(uri.span, 'on AWS nothing lets API Gateway write to the queue', hint);
  }
  const called: TemplateMap = mapNode(
    {
      IntegrationType: textNode('HTTP', uri.span),
      IntegrationUri: textNode(`\${env:AWS_ENDPOINT_URL_SQS}/${path}`, uri.span),
    },
    own.span,
  );
  const kept = own.kind === 'map' ? own.entries : [];
  const replaced = new Set(['IntegrationType', 'IntegrationUri']);
  return {
    kind: 'map',
    entries: [...kept.filter(({ key }) => !replaced.has(key)), ...called.entries],
    span: own.span,
  };
}
