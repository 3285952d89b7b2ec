// Reads a request body without keeping more of it than is allowed.
import type { IncomingMessage } from 'node:http';

/** The text of the body, or `undefined` when it has more than `limitBytes`. */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // What is too much is read to its end and dropped, so that the sender gets to hear the answer
  // instead of a reset in the middle of its writing.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (sizeBytes > limitBytes * PATIENCE) break;
  }
  return sizeBytes > limitBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

// A sender of more than 16 times what is allowed is cut off.
const PATIENCE = 16;
