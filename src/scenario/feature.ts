// Features of a target that a scenario may need and that cannot be derived from it. A closed list:
// a misspelt feature would otherwise make its scenario "not applicable" everywhere, in silence.

/** The features of version 1, with what they mean. A user's own begin with `x-`. */
export const FEATURES: Readonly<Record<string, string>> = {
  'authorizer.request': 'its custom authorizer is a REQUEST authorizer',
  'frame-limit': 'it refuses frames above limits.frameBytes',
  'idle-timeout': 'it ends connections that were silent for limits.idleTimeout',
  'max-duration': 'it ends connections after limits.maxDuration',
  'message-limit': 'it refuses messages above limits.messageBytes',
  'permessage-deflate': 'it negotiates the extension permessage-deflate',
  'probe.events': 'its backend reports every invocation',
  'probe.hold': 'its backend can be held and released by the runner',
  'probe.remembers': 'its backend remembers the plan of a connection until $disconnect',
  'probe.remote': 'its backend asks the runner what to do',
  'probe.script': 'its backend does what the handshake says, signed',
  'route-throttle': 'it limits the rate of connects (limits.connectRate, limits.connectBurst)',
  stage: 'the URL of its endpoint open ends in the name of a stage',
  tls: 'it is reached over TLS',
  'usage-plan': 'it limits the use of an API key',
};
