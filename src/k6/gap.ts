// What a load asks for that k6 cannot do: said before anything runs, and in the head of the script.
import type { LoadEndingSpec, LoadSpec } from '../scenario/load-model.ts';

/** A load that k6 can carry out, and how it differs from what was asked, a sentence each. */
export interface Fitted {
  readonly load: LoadSpec;
  readonly gaps: readonly string[];
}

/** Fits a load to k6: what it cannot do is replaced by what is nearest to it. */
export function fitToK6(load: LoadSpec): Fitted {
  const gaps = [
    ...load.endings.flatMap(endingGap),
    ...(load.arrivals === 'poisson'
      ? ['Poisson arrivals: k6 starts attempts at even intervals']
      : []),
    ...(load.reconnect === undefined
      ? []
      : ['reconnect: a client that was refused, or ended by the server, does not come again']),
  ];
  const endings = load.endings.map(fittedEnding);
  return { load: { ...load, arrivals: 'even', endings, reconnect: undefined }, gaps };
}

const NORMAL = 1000;

function fittedEnding(ending: LoadEndingSpec): LoadEndingSpec {
  const { share, kind, code, reason } = ending;
  if (kind !== 'close') return { share, kind: 'close', code: NORMAL };
  if (code === undefined || isAllowed(code)) return ending;
  return { share, kind, code: NORMAL, reason };
}

function endingGap({ share, kind, code }: LoadEndingSpec): readonly string[] {
  const part = `${Number((share * 100).toFixed(3))}% of the connections`;
  if (kind !== 'close') return [`${WORDS[kind]} of ${part}: they close with 1000`];
  if (code === undefined || isAllowed(code)) return [];
  return [`close code ${code} of ${part}: k6 sends 1000 or 3000 to 4999, and sends 1000`];
}

const WORDS = {
  fin: 'FIN without a close frame',
  reset: 'RST',
  silence: 'silence',
  deleteConnection: 'DELETE @connections/{id}',
  abort: 'leaving in the middle of the handshake',
} as const;

// https://websockets.spec.whatwg.org/#dom-websocket-close
function isAllowed(code: number): boolean {
  return code === NORMAL || (code >= 3000 && code <= 4999);
}
