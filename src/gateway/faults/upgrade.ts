// Faults of the 101 and of what comes right after it.
import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { refusal } from '../http-answer.ts';
import { readProxyResponse } from '../integration.ts';
import { type HeaderField, headerValues } from '../request-head.ts';
import type { Fault } from './fault.ts';
import { AFTER_A_FIRST_ONE, NOTHING_OPENS } from './nothing-opens.ts';

/** Faults of the 101. */
export const UPGRADE_FAULTS: readonly Fault[] = [
  {
    name: 'forwards-integration-headers',
    description: 'copies all headers of the $connect answer into the 101',
    breaks: ['connect/answer-not-forwarded#no-headers'],
    change: (correct) => ({
      acceptanceFields: (acceptance) => [
        ...correct.acceptanceFields(acceptance),
        ...headersOf(acceptance.response),
      ],
    }),
  },
  {
    name: 'delivers-connect-body',
    description: 'sends the body of the $connect answer to the client as a message',
    breaks: ['connect/answer-not-forwarded#no-message'],
    change: (correct) => ({
      greetings: (opening) => {
        const { response } = opening.verdict;
        const body = response === undefined ? undefined : readProxyResponse(response)?.body;
        return [...correct.greetings(opening), ...(body === undefined ? [] : [body])];
      },
    }),
  },
  {
    name: 'greets-after-101',
    description: 'sends the message "connected" after every 101',
    breaks: [
      'connect/upgrade-answer#nothing-unasked',
      'connect/answer-not-forwarded#no-message',
      'connect/post-while-pending#never-delivered',
      'management/post#arrives-as-text',
      'message/integration-error#names-the-connection',
      'message/integration-timeout#error-frame',
      'message/integration-timeout#not-before-the-timeout',
      'message/integration-timeout#soon-after-the-timeout',
      'message/model#names-the-connection',
      'message/no-route#names-the-connection',
    ],
    change: (correct) => ({
      greetings: (opening) => ['connected', ...correct.greetings(opening)],
    }),
  },
  {
    name: 'checks-origin',
    description: 'refuses a foreign Origin with 403',
    breaks: ['connect/foreign-origin#opens'],
    change: (correct) => ({
      handshakeRules: [
        ...correct.handshakeRules,
        {
          name: 'origin',
          holds: (head) => {
            const [origin] = headerValues(head, 'origin');
            const [host = ''] = headerValues(head, 'host');
            return origin === undefined || origin.replace(/^[^:]*:\/\//, '') === host;
          },
          refuse: () => refusal(403),
        },
      ],
    }),
  },
  {
    name: 'sends-cors-headers',
    description: 'adds Access-Control-Allow-Origin to the 101',
    breaks: ['connect/foreign-origin#no-cors-headers'],
    change: (correct) => ({
      acceptanceFields: (acceptance) => [
        ...correct.acceptanceFields(acceptance),
        ['Access-Control-Allow-Origin', '*'],
      ],
    }),
  },
  {
    name: 'wrong-accept',
    description: 'computes Sec-WebSocket-Accept without the GUID',
    breaks: [
      ...NOTHING_OPENS,
      'rfc6455-handshake/accept-value#accept',
      'disconnect/data-after-close#not-delivered',
    ],
    prevents: AFTER_A_FIRST_ONE,
    change: (correct) => ({
      acceptanceFields: (acceptance) => {
        const [key = ''] = headerValues(acceptance.head, 'sec-websocket-key');
        const accept = createHash('sha1').update(key).digest('base64');
        return correct
          .acceptanceFields(acceptance)
          .map(([name, value]) => [name, name === 'Sec-WebSocket-Accept' ? accept : value]);
      },
    }),
  },
  {
    name: 'bare-101',
    description: 'sends neither Upgrade nor Connection in the 101',
    breaks: [
      ...NOTHING_OPENS,
      'rfc6455-handshake/answer#connection-header',
      'rfc6455-handshake/answer#upgrade-header',
      'disconnect/data-after-close#not-delivered',
    ],
    prevents: AFTER_A_FIRST_ONE,
    change: (correct) => ({
      acceptanceFields: (acceptance) =>
        correct
          .acceptanceFields(acceptance)
          .filter(([name]) => name !== 'Upgrade' && name !== 'Connection'),
    }),
  },
];

function headersOf(response: JsonObject | undefined): readonly HeaderField[] {
  const headers = response?.['headers'];
  return Object.entries(isJsonObject(headers) ? headers : {})
    .filter(([name]) => name.toLowerCase() !== 'sec-websocket-protocol')
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
}
