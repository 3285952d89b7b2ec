// Where something is: values of a target file.
import * as z from 'zod';
import { complaint } from '../scenario/schema-value.ts';

/** `ws://host/path`, `http://host`. What it may be is judged where it is used. */
export const url = z
  .string({
    error: complaint({ what: 'a URL', hint: 'write wss://host/path', code: 'TGT_BAD_URL' }),
  })
  .meta({ title: 'URL', examples: ['wss://chat.example.com/v1'] });

/** `host:port`. */
export const address = z
  .string({ error: complaint({ what: 'an address', hint: 'write host:port' }) })
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/, {
    error: complaint({ what: 'an address', hint: 'write host:port, e.g. 127.0.0.1:0' }),
  })
  .meta({ title: 'address', examples: ['127.0.0.1:0'] });
