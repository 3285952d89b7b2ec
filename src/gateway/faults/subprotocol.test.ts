import type { Answer } from '../fixture/backend.ts';
import { at, event, header, story, testFaults } from '../fixture/looks.ts';

const extra = ['Sec-WebSocket-Protocol: b, a, c'];
const chooses = (name: string): Answer => ({
  return: { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': name } },
});
const chosen = (connect?: Answer) =>
  header('Sec-WebSocket-Protocol', { extra, ...(connect && { connect }) });
const offer = (how = {}) =>
  event('$connect', (found) => at(found['headers'], 'Sec-WebSocket-Protocol'), how);

testFaults([
  ['echoes-first-subprotocol', 'a', 'b', chosen(chooses('a'))],
  ['drops-subprotocol', 'a', undefined, chosen(chooses('a'))],
  ['answers-unoffered-subprotocol', undefined, 'default', chosen()],
  ['names-every-subprotocol', undefined, 'b', chosen()],
  ['reorders-offer', 'b, a, c', 'c, b, a', offer({ extra })],
  ['empty-subprotocol-header', undefined, '', offer()],
  [
    'message-event-has-headers',
    undefined,
    '13',
    story(({ message }) => at(message['headers'], 'Sec-WebSocket-Version')),
  ],
]);
