// Source addresses and ports of our own choice, outside the range the kernel chooses from. A client that ends
// first leaves ports in TIME_WAIT, and the kernel's search for a free one then costs more than the connection.

/** An address and a port to connect from. */
export interface Source {
  readonly localAddress: string;
  readonly localPort: number;
}

/** Hands out sources in turn. */
export interface SourcePorts {
  next(): Source;
}

// What is below needs privileges.
const LOWEST = 1024;

/** The sources of one worker: no other worker has any of them. `below`: where the kernel's range begins. */
export function createSourcePorts(
  addresses: readonly string[],
  { worker, of, below }: { readonly worker: number; readonly of: number; readonly below: number },
): SourcePorts | undefined {
  const perAddress = Math.floor((below - LOWEST) / of);
  if (addresses.length === 0 || perAddress < 1) return undefined;
  let turn = 0;
  return {
    next: () => {
      const localAddress = addresses[turn % addresses.length] ?? '';
      const place = Math.floor(turn / addresses.length) % perAddress;
      turn = (turn + 1) % (addresses.length * perAddress);
      return { localAddress, localPort: LOWEST + place * of + worker };
    },
  };
}
