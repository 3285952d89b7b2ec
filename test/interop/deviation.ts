// What servers that were not written here get wrong, and how that was made sure of by hand. The
// demand that each one violates stands with its words in the registry of the suite.

/** Check by check: what these servers do instead. */
export const DEVIATIONS: Readonly<Record<string, string>> = {
  'close#answered-with-a-close-frame': 'ends TCP and sends no close frame',
  'empty-close#answered-with-a-close-frame': 'ends TCP and sends no close frame',
  'missing-connection#not-opened':
    'opens a connection: nginx writes the Connection header itself, from the Upgrade header alone',
  'missing-key#error-status': 'ends TCP without an answer',
  'missing-version#error-status': 'opens a connection',
  'missing-version#not-opened': 'opens a connection',
  'other-connection#not-opened':
    'opens a connection: the letters of Upgrade within another token are enough, or a proxy writes the header itself',
  'other-upgrade#not-opened': 'opens a connection, whatever the request asks to upgrade to',
  'post-method#not-opened': 'opens a connection',
  'reserved-bits#connection-ends': 'ignores the bits',
  'reserved-opcode#connection-ends': 'ignores the frame and waits for the next one',
  'unmasked-frame#connection-ends': 'takes the frame as if it were masked; answers a ping',
  'wrong-version#error-status': 'opens a connection',
  'wrong-version#names-its-versions': 'answers without a Sec-WebSocket-Version header',
  'wrong-version#not-opened': 'opens a connection',
};
