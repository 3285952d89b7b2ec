// Faults of subprotocol selection.
import type { ConnectionFacts } from '../event.ts';
import { type HeaderField, headerValues, type RequestHead } from '../request-head.ts';
import type { Fault } from './fault.ts';

/** Faults of subprotocol selection. */
export const SUBPROTOCOL_FAULTS: readonly Fault[] = [
  {
    name: 'echoes-first-subprotocol',
    description: 'names the first offered subprotocol in the 101, whatever the integration says',
    breaks: [
      'subprotocol/integration-selects#chosen',
      'subprotocol/none-selected#none-chosen',
      'subprotocol/without-integration#none-chosen',
    ],
    change: (correct) => ({
      acceptanceFields: (acceptance) =>
        correct.acceptanceFields({ ...acceptance, subprotocol: offered(acceptance.head)[0] }),
    }),
  },
  {
    name: 'drops-subprotocol',
    description: 'does not put the subprotocol of the integration into the 101',
    breaks: ['subprotocol/integration-selects#chosen', 'subprotocol/one-offered#chosen'],
    change: (correct) => ({
      acceptanceFields: (acceptance) =>
        correct.acceptanceFields({ ...acceptance, subprotocol: undefined }),
    }),
  },
  {
    name: 'answers-unoffered-subprotocol',
    description: 'names the subprotocol "default" when some were offered and none was chosen',
    breaks: [
      'subprotocol/none-selected#none-chosen',
      'subprotocol/without-integration#none-chosen',
      'rfc6455-handshake/subprotocol#nothing-unoffered',
    ],
    change: (correct) => ({
      acceptanceFields: (acceptance) => {
        const fallback = offered(acceptance.head).length > 0 ? 'default' : undefined;
        const subprotocol = acceptance.subprotocol ?? fallback;
        return correct.acceptanceFields({ ...acceptance, subprotocol });
      },
    }),
  },
  {
    name: 'names-every-subprotocol',
    description: 'names every offered subprotocol in the 101, each in a header of its own',
    breaks: [
      'subprotocol/integration-selects#chosen',
      'subprotocol/none-selected#none-chosen',
      'subprotocol/without-integration#none-chosen',
      'rfc6455-handshake/subprotocol#named-once',
    ],
    change: (correct) => ({
      acceptanceFields: (acceptance) => [
        ...correct.acceptanceFields({ ...acceptance, subprotocol: undefined }),
        ...offered(acceptance.head).map((name): HeaderField => ['Sec-WebSocket-Protocol', name]),
      ],
    }),
  },
  {
    name: 'reorders-offer',
    description: 'offered subprotocols are in another order in the CONNECT event',
    breaks: ['subprotocol/offer-reaches-integration#in-order'],
    change: (correct) => ({
      connectEvent: (facts, occasion) =>
        correct.connectEvent(
          changeFields(facts, (fields) =>
            fields.map(([name, value]) => [name, isOffer(name) ? descending(value) : value]),
          ),
          occasion,
        ),
    }),
  },
  {
    name: 'empty-subprotocol-header',
    description: 'the CONNECT event has an empty Sec-WebSocket-Protocol when nothing was offered',
    breaks: ['subprotocol/none-offered#none-in-the-event'],
    change: (correct) => ({
      connectEvent: (facts, occasion) =>
        correct.connectEvent(
          changeFields(facts, (fields) =>
            fields.some(([name]) => isOffer(name))
              ? fields
              : [...fields, ['Sec-WebSocket-Protocol', '']],
          ),
          occasion,
        ),
    }),
  },
  {
    name: 'message-event-has-headers',
    description: 'MESSAGE events carry the headers of the handshake',
    breaks: ['subprotocol/not-in-message-events#no-headers', 'message/event#its-shape'],
    change: (correct) => ({
      messageEvent: (facts, message, occasion) => {
        const { headers, multiValueHeaders } = correct.connectEvent(facts, occasion);
        return { ...correct.messageEvent(facts, message, occasion), headers, multiValueHeaders };
      },
    }),
  },
];

function offered(head: RequestHead): readonly string[] {
  return headerValues(head, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((token) => token.trim())
    .filter((token) => token !== '');
}

function isOffer(name: string): boolean {
  return name.toLowerCase() === 'sec-websocket-protocol';
}

function descending(value: string): string {
  const tokens = value.split(',').map((token) => token.trim());
  return tokens.toSorted().toReversed().join(', ');
}

function changeFields(
  facts: ConnectionFacts,
  change: (fields: readonly HeaderField[]) => readonly HeaderField[],
): ConnectionFacts {
  const { request } = facts;
  const head = { ...request.head, headers: change(request.head.headers) };
  return { ...facts, request: { ...request, head } };
}
