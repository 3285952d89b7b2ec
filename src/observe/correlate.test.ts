import { describe, expect, it } from 'vitest';
import { type Correlation, readEventKeys } from './correlate.ts';

const NONCE = 'k3v7qn2m5xw4c6bz7r2tjd5hfa';
const QUERY: Correlation = { kind: 'query' };
const HEADER: Correlation = { kind: 'header', name: 'X-Assay' };

describe('the nonce', () => {
  it.each([
    ['the query', QUERY, { queryStringParameters: { assay: NONCE } }, NONCE],
    [
      'a multi-value query only',
      QUERY,
      { multiValueQueryStringParameters: { assay: [NONCE] } },
      NONCE,
    ],
    [
      'a multi-value query of one text',
      QUERY,
      { multiValueQueryStringParameters: { assay: NONCE } },
      NONCE,
    ],
    [
      'either, where the other is null',
      QUERY,
      { queryStringParameters: null, multiValueQueryStringParameters: { assay: [NONCE] } },
      NONCE,
    ],
    ['no query', QUERY, { queryStringParameters: null }, undefined],
    ['a query of another kind', QUERY, { queryStringParameters: { assay: 5 } }, undefined],
    ['a header as sent', HEADER, { headers: { 'X-Assay': NONCE } }, NONCE],
    ['a header lower-cased', HEADER, { headers: { 'x-assay': NONCE } }, NONCE],
    [
      'a multi-value header only',
      HEADER,
      { multiValueHeaders: { 'x-assay': [NONCE, 'b'] } },
      NONCE,
    ],
    [
      'the query, when it is a header’s',
      HEADER,
      { queryStringParameters: { assay: NONCE } },
      undefined,
    ],
    [
      'a header, where the query was left as written',
      QUERY,
      { headers: { 'X-Assay': NONCE } },
      NONCE,
    ],
    [
      'the query before the header',
      QUERY,
      { queryStringParameters: { assay: NONCE }, headers: { 'x-assay': 'other' } },
      NONCE,
    ],
    ['nowhere', { kind: 'none' } as const, { queryStringParameters: { assay: NONCE } }, undefined],
  ])('is read from %s', (_, correlate, event, expected) => {
    expect(readEventKeys(event, correlate).nonce).toBe(expected);
  });
});

describe('the connection id and the close reason', () => {
  it.each([
    [{ requestContext: { connectionId: 'a=' } }, 'a=', []],
    [{ requestContext: { connectionId: '' } }, undefined, []],
    [{ requestContext: 'x' }, undefined, []],
    [{}, undefined, []],
    [{ requestContext: { disconnectReason: `bye ${NONCE}.` } }, undefined, [NONCE]],
    [{ requestContext: { disconnectReason: `${NONCE}0` } }, undefined, []],
    [{ requestContext: { disconnectReason: 'bye' } }, undefined, []],
  ])('are read from %j', (event, connectionId, reasonNonces) => {
    expect(readEventKeys(event, QUERY)).toEqual({ nonce: undefined, connectionId, reasonNonces });
  });
});
