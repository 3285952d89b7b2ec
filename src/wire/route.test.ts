import { describe, expect, it } from 'vitest';
import {
  overriddenAddresses,
  parseOverride,
  parseProxy,
  proxyFor,
  proxyName,
  type Route,
} from './route.ts';

describe('parseOverride', () => {
  it.each([
    ['a.example:443:127.0.0.1', { host: 'a.example', port: 443, addresses: ['127.0.0.1'] }],
    ['A.Example:443:127.0.0.1', { host: 'a.example', port: 443, addresses: ['127.0.0.1'] }],
    ['a:80:::1', { host: 'a', port: 80, addresses: ['::1'] }],
    ['a:80:[::1]', { host: 'a', port: 80, addresses: ['::1'] }],
    ['[::1]:80:127.0.0.1', { host: '::1', port: 80, addresses: ['127.0.0.1'] }],
    ['a:80:[::1],127.0.0.2', { host: 'a', port: 80, addresses: ['::1', '127.0.0.2'] }],
    [' a:80: 127.0.0.1 , ::1 ', { host: 'a', port: 80, addresses: ['127.0.0.1', '::1'] }],
  ])('reads %j', (text, want) => {
    expect(parseOverride(text)).toEqual(want);
  });

  it.each([
    '',
    'a',
    'a:80',
    'a:80:',
    'a:0:127.0.0.1',
    'a:65536:127.0.0.1',
    'a:x:127.0.0.1',
    'a:80:b.example',
    'a:80:127.0.0.1,',
    '::1:80:127.0.0.1',
    'a b:80:127.0.0.1',
    'a:80:127.0.0.256',
  ])('refuses %j', (text) => {
    expect(parseOverride(text)).toBeUndefined();
  });
});

describe('overriddenAddresses', () => {
  const route: Route = {
    overrides: [
      { host: 'a.example', port: 443, addresses: ['127.0.0.1'] },
      { host: 'a.example', port: 443, addresses: ['127.0.0.9'] },
    ],
  };

  it.each([
    ['a.example', 443, ['127.0.0.1']],
    ['A.EXAMPLE', 443, ['127.0.0.1']],
    ['a.example', 80, undefined],
    ['b.a.example', 443, undefined],
  ])('%s:%d', (host, port, want) => {
    expect(overriddenAddresses(route, { host, port })).toEqual(want);
  });

  it('has none without a route', () => {
    expect(overriddenAddresses(undefined, { host: 'a', port: 1 })).toBeUndefined();
  });
});

describe('parseProxy', () => {
  const bare = { secure: false, user: undefined, password: undefined };

  it.each([
    ['http://p:3128', { ...bare, host: 'p', port: 3128 }],
    ['p:3128', { ...bare, host: 'p', port: 3128 }],
    ['http://p', { ...bare, host: 'p', port: 80 }],
    ['http://p/', { ...bare, host: 'p', port: 80 }],
    ['https://p', { ...bare, host: 'p', port: 443, secure: true }],
    ['http://[::1]:3128', { ...bare, host: '::1', port: 3128 }],
    ['http://me:a%40b@p:1', { ...bare, host: 'p', port: 1, user: 'me', password: 'a@b' }],
    ['me:pw@p:1', { ...bare, host: 'p', port: 1, user: 'me', password: 'pw' }],
    ['http://me@p:1', { ...bare, host: 'p', port: 1, user: 'me', password: '' }],
  ])('reads %j', (text, want) => {
    expect(parseProxy(text)).toEqual(want);
  });

  it.each([
    '',
    'socks5://p:1080',
    'http://p/path',
    'http://p?x',
    'http://p#x',
    'http://',
    'p:99999',
    'http://%zz@p:1',
    'ftp://p',
  ])('refuses %j', (text) => {
    expect(parseProxy(text)).toBeUndefined();
  });

  it('is shown without its credentials', () => {
    const shown = ['http://me:pw@p:1', 'https://[::1]:2'].map((text) => {
      const proxy = parseProxy(text);
      return proxy === undefined ? undefined : proxyName(proxy);
    });
    expect(shown).toEqual(['http://p:1', 'https://[::1]:2']);
  });
});

describe('proxyFor', () => {
  const plain = parseProxy('http://plain:1');
  const secure = parseProxy('http://secure:2');
  const ask = (except: string, host: string, port: number): string | undefined => {
    const route = { proxies: { plain, secure, except: except === '' ? [] : except.split(',') } };
    return proxyFor(route, { host, port, secure: port === 443 })?.host;
  };

  it.each([
    ['', 'a.example', 443, 'secure'],
    ['', 'a.example', 80, 'plain'],
    ['*', 'a.example', 80, undefined],
    ['a.example', 'a.example', 80, undefined],
    ['A.Example', 'a.EXAMPLE', 80, undefined],
    ['a.example', 'sub.a.example', 80, undefined],
    ['a.example', 'nota.example', 80, 'plain'],
    ['.a.example', 'sub.a.example', 80, undefined],
    ['.a.example', 'a.example', 80, 'plain'],
    ['*.a.example', 'sub.a.example', 80, undefined],
    ['*.a.example', 'a.example', 80, 'plain'],
    ['a.example:443', 'a.example', 443, undefined],
    ['a.example:443', 'a.example', 80, 'plain'],
    ['b.example,a.example', 'a.example', 80, undefined],
    ['10.0.0.1', '10.0.0.1', 80, undefined],
    ['10.0.0.0/8', '10.9.8.7', 80, undefined],
    ['10.0.0.0/8', '11.9.8.7', 80, 'plain'],
    ['10.0.0.0/33', '10.9.8.7', 80, 'plain'],
    ['10.0.0.0/x', '10.9.8.7', 80, 'plain'],
    ['10.0.0.1:80', '10.0.0.1', 80, undefined],
    ['10.0.0.1:80', '10.0.0.1', 443, 'secure'],
    ['::1', '::1', 80, undefined],
    ['[::1]:80', '::1', 80, undefined],
    ['fd00::/8', 'fd12::1', 80, undefined],
    ['fd00::/8', 'fe80::1', 80, 'plain'],
    // A name is not an address: what it stands for is not known here.
    ['127.0.0.0/8', 'localhost', 80, 'plain'],
    ['0.0.1', '10.0.0.1', 80, 'plain'],
  ])('NO_PROXY=%j, %s:%d', (except, host, port, want) => {
    expect(ask(except, host, port)).toBe(want);
  });

  it('has none without rules', () => {
    expect(proxyFor({}, { host: 'a', port: 1, secure: false })).toBeUndefined();
  });
});
