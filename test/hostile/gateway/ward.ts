// What must be true of a gateway whatever its clients did.
import type { GatewayConfigInput } from '../../../src/gateway/config.ts';
import { clientFrame, closeFrame, codeOf, type Peer } from '../../../src/gateway/fixture/peer.ts';
import { type Stand, startStand } from '../../../src/gateway/fixture/stand.ts';

/** A gateway under watch. */
export interface Ward {
  readonly stand: Stand;
  /** $disconnect invocations since the last call. */
  disconnects(): number;
  /**
   * What is wrong, once all hostile clients have gone: connections that are still counted, a good
   * client that is not served, a $disconnect for nobody or a second one. Empty: nothing.
   */
  problems(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Starts a gateway to be watched. */
export async function startWard(): Promise<Ward> {
  const stand = await startStand({}, patient);
  let told = 0;
  const disconnects = (): number => {
    const all = stand.backend.of('$disconnect').length;
    const since = all - told;
    told = all;
    return since;
  };
  return {
    stand,
    disconnects,
    problems: async () => {
      const left = await connectionsLeft(stand);
      const late = new Promise<readonly string[]>((resolve) => {
        setTimeout(() => resolve(['a good client was not served in 20 s']), 20_000).unref();
      });
      const good = await Promise.race([goodClient(stand), late]);
      const found = [...left, ...good, ...wrongDisconnects(stand)];
      // That of the good client is not of interest.
      told += 1;
      return found;
    },
    close: () => stand.close(),
  };
}

/** The fixture's functions time out soon, which on a busy machine would be a verdict of its own. */
function patient(config: GatewayConfigInput): GatewayConfigInput {
  const text = JSON.stringify(config).replaceAll(
    /"TimeoutInMillis":\d+/g,
    '"TimeoutInMillis":20000',
  );
  // the same shape, another number
  return JSON.parse(text) as GatewayConfigInput;
}

/** Waits until `holds`, at most `ms`; false if it never did. */
export async function eventually(holds: () => boolean, ms = 10_000): Promise<boolean> {
  for (const endMs = performance.now() + ms; performance.now() < endMs; ) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return holds();
}

async function connectionsLeft({ gateway }: Stand): Promise<readonly string[]> {
  const counts = (): readonly (readonly [string, number])[] =>
    Object.entries(gateway.apis).map(([name, api]) => [name, api.connectionCount()]);
  if (await eventually(() => counts().every(([, count]) => count === 0))) return [];
  return counts().map(([name, count]) => `${name} still counts ${count} connections`);
}

async function goodClient(stand: Stand): Promise<readonly string[]> {
  try {
    const { peer, connectionId } = await openNamed(stand);
    const path = `/dev/@connections/${encodeURIComponent(connectionId)}`;
    const posted = await stand.manage('POST', path, 'hello');
    const frame = await peer.frame();
    peer.write(clientFrame(9, 'x'));
    const pong = await peer.frame();
    peer.write(closeFrame(1000));
    const code = codeOf(await peer.frame());
    await peer.ended();
    peer.close();
    const isTold = await eventually(() => disconnectIds(stand).includes(connectionId));
    const seen = [posted.status, frame?.payload.toString(), pong?.opcode, code, isTold];
    const right = JSON.stringify([200, 'hello', 10, 1000, true]);
    return JSON.stringify(seen) === right ? [] : [`a good client saw ${JSON.stringify(seen)}`];
  } catch (thrown) {
    return [`a good client was not served: ${String(thrown)}`];
  }
}

let names = 0;

/** Opens a connection that is known by its query: others may be opening at the same time. */
async function openNamed(stand: Stand): Promise<{ peer: Peer; connectionId: string }> {
  const name = `good${(names += 1)}`;
  const peer = await stand.upgrade('open', `/dev?name=${name}`);
  const { status } = await peer.answer();
  if (status !== 101) throw new Error(`status ${status}`);
  const own = stand.backend
    .of('$connect')
    .find(({ event }) => JSON.stringify(event).includes(`"${name}"`));
  const context = own?.event['requestContext'] as { connectionId: string };
  return { peer, connectionId: context.connectionId };
}

function wrongDisconnects(stand: Stand): readonly string[] {
  const known = new Set(idsOf(stand, '$connect'));
  const ids = disconnectIds(stand);
  const strange = ids.filter((id) => !known.has(id));
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  return [
    ...strange.map((id) => `$disconnect of ${id}, which never connected`),
    ...twice.map((id) => `$disconnect of ${id} a second time`),
  ];
}

function disconnectIds(stand: Stand): readonly string[] {
  return idsOf(stand, '$disconnect');
}

function idsOf({ backend }: Stand, route: string): readonly string[] {
  return backend
    .of(route)
    .map(({ event }) => (event['requestContext'] as { connectionId: string }).connectionId);
}
