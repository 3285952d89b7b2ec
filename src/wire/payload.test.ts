import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../base/redact.ts';
import { captureHead, capturePayload, createPayloadCapture, redactResponse } from './payload.ts';

const SECRET = 'correct horse';
const redactor = createRedactor();
redactor.register('pass', SECRET);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a payload', () => {
  it('is text or hexadecimal', () => {
    expect(capturePayload(Buffer.from('hé'), redactor)).toEqual({ bytes: 3, text: 'hé' });
    expect(capturePayload(Buffer.from('c3', 'hex'), redactor)).toEqual({ bytes: 1, hex: 'c3' });
    expect(capturePayload(new Uint8Array(), redactor)).toEqual({ bytes: 0, text: '' });
  });

  it('of 64 KiB is kept whole, a longer one in part, with its hash', () => {
    const whole = Buffer.alloc(65_536, 'a');
    expect(capturePayload(whole, redactor)).toEqual({ bytes: 65_536, text: whole.toString() });
    const longer = Buffer.alloc(65_537, 'a');
    expect(capturePayload(longer, redactor)).toEqual({
      bytes: 65_537,
      text: 'a'.repeat(8192),
      truncated: true,
      sha256: sha256(longer),
    });
    const binary = Buffer.alloc(70_000, 0xff);
    expect(capturePayload(binary, redactor)).toMatchObject({
      hex: 'ff'.repeat(8192),
      sha256: sha256(binary),
    });
  });

  it('is kept less of when there is more and more, and never half a secret', () => {
    const capture = createPayloadCapture(redactor);
    const big = Buffer.alloc(65_536, 'a');
    for (let kept = 0; kept < 16; kept += 1) expect(capture(big).truncated).toBeUndefined();
    expect(capture(big)).toEqual({
      bytes: 65_536,
      text: 'a'.repeat(64),
      truncated: true,
      sha256: sha256(big),
    });
    expect(capture(big.subarray(0, 256)).truncated).toBeUndefined();
    const cut = capture(Buffer.concat([Buffer.alloc(60, 'a'), Buffer.from(SECRET), big]));
    expect(cut.text).toBe(`${'a'.repeat(60)}[red`);
    expect(createPayloadCapture(redactor)(big).truncated).toBeUndefined();
  });

  it('is not cut inside a character', () => {
    const { text } = capturePayload(Buffer.from('€'.repeat(30_000)), redactor);
    expect(text).toBe('€'.repeat(2730));
  });

  it('loses its secrets, in text, in binary, and across the cut', () => {
    expect(capturePayload(Buffer.from(`a ${SECRET} b`), redactor)).toMatchObject({
      text: 'a [redacted:pass] b',
    });
    const binary = Buffer.concat([Buffer.from([0xff]), Buffer.from(SECRET)]);
    const { hex = '' } = capturePayload(binary, redactor);
    expect(Buffer.from(hex, 'hex').toString('latin1')).toBe('\xff[redacted:pass]');
    const across = Buffer.from(`${'a'.repeat(8187)}${SECRET}${'b'.repeat(70_000)}`);
    expect(capturePayload(across, redactor).text).not.toContain('corr');
  });

  it('is what it was, where there is no secret', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const { text, hex } = capturePayload(bytes, createRedactor());
        const back = text === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(text);
        expect(new Uint8Array(back)).toEqual(bytes);
      }),
    );
  });
});

describe('a head', () => {
  it('loses credentials by the name of their header, folded ones too', () => {
    const text =
      'GET /?token=abc&n=1 HTTP/1.1\r\nAuthorization:  Bearer x\r\n more\r\nX-Api-Key:k\nX: correct horse\r\n y\r\n\r\n';
    expect(captureHead(Buffer.from(text), redactor).text).toBe(
      'GET /?token=[redacted]&n=1 HTTP/1.1\r\nAuthorization:  [redacted]\r\n [redacted]\r\nX-Api-Key:[redacted]\nX: [redacted:pass]\r\n y\r\n\r\n',
    );
  });

  it('loses them as a value as well', () => {
    const head = {
      version: 'HTTP/1.1',
      status: 401,
      phrase: SECRET,
      headers: [
        ['Set-Cookie', 's=1'],
        ['X', 'y'],
      ],
    } as const;
    expect(redactResponse(head, redactor)).toEqual({
      version: 'HTTP/1.1',
      status: 401,
      phrase: '[redacted:pass]',
      headers: [
        ['Set-Cookie', '[redacted]'],
        ['X', 'y'],
      ],
    });
  });
});
