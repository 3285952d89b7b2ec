import { describe, expect, it } from 'vitest';
import { parseProxy, proxyFor } from '../wire/route.ts';
import type { Network, Target } from './model.ts';
import { proxiesByEnvironment, routeFacts, routeOf } from './route.ts';

const NETWORK: Network = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  servername: undefined,
  insecure: false,
  overrides: [],
  proxy: undefined,
};

describe('proxiesByEnvironment', () => {
  it.each<[env: Record<string, string>, plain: string | undefined, secure: string | undefined]>([
    [{}, undefined, undefined],
    [{ https_proxy: 'http://s:1' }, undefined, 's'],
    [{ HTTPS_PROXY: 'http://s:1' }, undefined, 's'],
    [{ http_proxy: 'http://p:1' }, 'p', undefined],
    [{ http_proxy: 'http://p:1', HTTP_PROXY: 'http://q:1' }, 'p', undefined],
    [{ all_proxy: 'a:1' }, 'a', 'a'],
    [{ ALL_PROXY: 'a:1', https_proxy: 's:1' }, 'a', 's'],
    [{ https_proxy: '' }, undefined, undefined],
    [{ https_proxy: '', ALL_PROXY: 'a:1' }, 'a', 'a'],
  ])('%j', (env, plain, secure) => {
    const { rules, bad } = proxiesByEnvironment(env);
    expect([rules.plain?.host, rules.secure?.host, bad]).toEqual([plain, secure, []]);
  });

  it('names a variable that is no HTTP proxy', () => {
    const { rules, bad } = proxiesByEnvironment({ ALL_PROXY: 'socks5://s:1', http_proxy: 'p:1' });
    expect(rules.plain?.host).toBe('p');
    expect(rules.secure).toBeUndefined();
    expect(bad).toEqual([{ variable: 'ALL_PROXY', scheme: 'secure' }]);
  });

  it.each([
    ['localhost', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['in.example', true],
    ['a.in.example', true],
    ['10.1.2.3', true],
    ['out.example', false],
  ])('%s goes without: %s', (host, without) => {
    const { rules } = proxiesByEnvironment({
      all_proxy: 'a:1',
      no_proxy: 'in.example, 10.0.0.0/8',
    });
    const proxy = proxyFor({ proxies: rules }, { host, port: 80, secure: false });
    expect(proxy === undefined).toBe(without);
  });
});

describe('routeOf', () => {
  const named = parseProxy('http://named:1');
  const { rules } = proxiesByEnvironment({ all_proxy: 'env:1' });
  const to = { host: 'localhost', port: 443, secure: true };

  it('takes a named proxy for everything, loopback too', () => {
    const route = routeOf({ ...NETWORK, proxy: named, environment: rules });
    expect(proxyFor(route, to)?.host).toBe('named');
  });

  it('takes none when it says so', () => {
    const route = routeOf({ ...NETWORK, proxy: 'direct', environment: rules });
    expect(proxyFor(route, { ...to, host: 'a.example' })).toBeUndefined();
  });

  it('else takes what the environment says', () => {
    const route = routeOf({ ...NETWORK, environment: rules });
    expect(proxyFor(route, to)).toBeUndefined();
    expect(proxyFor(route, { ...to, host: 'a.example' })?.host).toBe('env');
  });
});

describe('routeFacts', () => {
  it('tells what is not the straight way, and no password', () => {
    const network: Network = {
      ...NETWORK,
      proxy: parseProxy('http://me:secret@p.example:3128'),
      overrides: [
        { host: 'chat.example', port: 443, addresses: ['10.0.0.1', '::1'] },
        { host: 'unused.example', port: 443, addresses: ['10.0.0.2'] },
      ],
    };
    const target = {
      endpoints: { open: { url: 'wss://chat.example/v1', credentials: {} } },
      management: 'https://chat.example/@connections/{id}',
      network,
    } as unknown as Target;
    expect(routeFacts(target)).toEqual([
      'through the proxy http://p.example:3128',
      'chat.example:443 at 10.0.0.1, ::1',
    ]);
  });

  it('has nothing to tell of the straight way', () => {
    const target = {
      endpoints: { open: { url: 'wss://chat.example/', credentials: {} } },
      management: undefined,
      network: NETWORK,
    } as unknown as Target;
    expect(routeFacts(target)).toEqual([]);
  });
});
