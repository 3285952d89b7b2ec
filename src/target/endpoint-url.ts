// URLs of endpoints and of the management API, and what is often wrong with them.
import { isSecretParameter } from '../base/redact.ts';
import type { Diagnostic } from '../scenario/diagnostic.ts';
import { type SourceNode, spanWithin, textOf } from '../scenario/source-node.ts';

/** What the URL is for. */
export type UrlKind = 'endpoint' | 'management';

/** What is wrong with a URL whose variables are filled in; warnings do not keep it from being used. */
export function judgeUrl(node: SourceNode, kind: UrlKind): readonly Diagnostic[] {
  const written = textOf(node);
  if (written === undefined || node.kind !== 'scalar') return [];
  const error = (message: string, hint: string): readonly Diagnostic[] => [
    { code: 'TGT_BAD_URL', severity: 'error', span: node.span, message, hint },
  ];
  const schemes = SCHEMES[kind];
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(written) ?? [];
  if (scheme === undefined) {
    return error(
      'the URL has no scheme',
      `write ${schemes.secure}://${written.replace(/^\/+/, '')}`,
    );
  }
  if (scheme !== schemes.secure && scheme !== schemes.plain) {
    return error(
      `${scheme}:// is not a scheme of ${WHAT[kind]}`,
      `write ${better(scheme, schemes)}://${rest}`,
    );
  }
  // The id of an API that is provisioned may stand in the name of the host.
  const example = written.replaceAll('{apiId}', 'api');
  if (!URL.canParse(example))
    return error('this is not a URL', `write ${schemes.secure}://host/path`);
  const url = new URL(example);
  if (url.hash !== '') {
    return error('a WebSocket URL has no fragment (RFC 6455, 3)', 'write %23 for a # in the path');
  }
  if (kind === 'management' && !written.includes('{id}')) {
    return error(
      'the management URL does not say where the connection id goes',
      'write {id} in it: …/@connections/{id}',
    );
  }
  return secretsIn(url, node);
}

/**
 * The stage in a URL on a host of API Gateway itself; undefined elsewhere: behind a name of one's own
 * the first segment is the key of a mapping, or nothing that API Gateway knows.
 */
export function stageOfHost(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  if (!/^[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/i.test(hostname))
    return undefined;
  return /^\/([^/]+)\/?$/.exec(pathname)?.[1];
}

/** What is wrong with the stage that is written beside a URL: its path is the stage. What stands before it would be missing where a scenario writes `/{stage}/…`. */
export function judgeStage(stage: SourceNode, url: string): readonly Diagnostic[] {
  const name = textOf(stage) ?? '';
  if (
    !URL.canParse(url) ||
    new RegExp(`^/${name.replace(/[^\w]/g, '\\$&')}/?$`).test(new URL(url).pathname)
  )
    return [];
  const message = `the path of the URL is not the stage ${name}`;
  const hint = `write wss://host/${name}, or leave the stage out: scenarios about paths begin them with it`;
  return [{ code: 'TGT_BAD_URL', severity: 'error', span: stage.span, message, hint }];
}

const SCHEMES = {
  endpoint: { plain: 'ws', secure: 'wss' },
  management: { plain: 'http', secure: 'https' },
} as const;

const WHAT = { endpoint: 'a WebSocket endpoint', management: 'the management API' } as const;

function better(
  scheme: string,
  schemes: { readonly plain: string; readonly secure: string },
): string {
  return /^(http|ws)$/i.test(scheme) ? schemes.plain : schemes.secure;
}

function secretsIn(url: URL, node: SourceNode): readonly Diagnostic[] {
  const warn = (message: string, hint: string): Diagnostic => {
    const span = node.kind === 'scalar' ? spanWithin(node, url.username) : node.span;
    return { code: 'TGT_SECRET_IN_URL', severity: 'warning', span, message, hint };
  };
  const hint = 'give it to credentials: { default: { headers: { … "${secret:NAME}" } } }';
  const user =
    url.username === '' && url.password === ''
      ? []
      : [{ ...warn('a user name or password stands in the URL', hint), span: node.span }];
  // A value that came from ${secret:…} is known to the redactor already.
  if (node.kind === 'scalar' && node.secret === true) return user;
  const query = [...url.searchParams.keys()]
    .filter((name) => isSecretParameter(name))
    .map((name) => {
      const span = node.kind === 'scalar' ? spanWithin(node, name) : node.span;
      return { ...warn(`"${name}" in the URL looks like a credential`, hint), span };
    });
  return [...user, ...query];
}
