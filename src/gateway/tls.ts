// TLS of an API: its certificate, and the versions that it speaks.
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { messageOf, ToolError } from '../base/errors.ts';
import { isPem } from './config-file.ts';

/** Versions of TLS, in Node's options. */
export type TlsVersions = Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers'>;

/** What AWS accepts (developer guide, security policies); older ones are refused. */
export const TLS_VERSIONS: TlsVersions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' };

/**
 * Reads certificate and key, each PEM text or the path of a file.
 *
 * @throws {ToolError} GATEWAY_CONFIG when a file cannot be read
 */
export async function readTls(
  tls: { readonly Certificate: string; readonly Key: string },
  name: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const read = async (value: string): Promise<string> => {
    if (isPem(value)) return value;
    return readFile(value, 'utf8');
  };
  try {
    return { cert: await read(tls.Certificate), key: await read(tls.Key) };
  } catch (cause) {
    throw new ToolError(
      'GATEWAY_CONFIG',
      `API ${name}: cannot read a PEM file: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}

/** Hands what does not begin with a TLS record to `serve`, as it came. */
export function servePlainTextToo(server: Server, serve: (socket: Socket) => void): void {
  const [secure] = server.listeners('connection');
  if (secure === undefined) throw new Error('node:https does not listen for connection');
  // The emitter's type knows the listener as a plain Function.
  server.removeListener('connection', secure as () => void);
  server.on('connection', (socket: Socket) => {
    socket.once('readable', () => {
      const first: unknown = socket.read(1);
      if (!Buffer.isBuffer(first)) return;
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) secure.call(server, socket);
      else serve(socket);
    });
  });
}

const TLS_HANDSHAKE = 0x16;
