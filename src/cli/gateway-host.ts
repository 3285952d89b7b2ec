// A process that runs one gateway after the other, as it is told (gateway-hosts.ts). Its entry file.
import { type Io, processIo } from './io.ts';
import { main } from './main.ts';

/** What a host is told. */
export type HostOrder =
  | {
      readonly kind: 'start';
      /** What follows `ws-assay`. */
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | { readonly kind: 'end' };

/** What a host says. */
export type HostReport =
  | { readonly kind: 'printed'; readonly text: string }
  | { readonly kind: 'ended'; readonly code: number };

const world = processIo();
let interrupt = (): void => {};

process.on('message', (message) => {
  const order = message as HostOrder; // over a channel that only gateway-hosts.ts has
  if (order.kind === 'start') void run(order);
  else interrupt();
});
process.on('disconnect', () => world.exitNow(0));

async function run({ argv, env, cwd }: Extract<HostOrder, { kind: 'start' }>): Promise<void> {
  const code = await main(worldOf({ argv, env, cwd }));
  tell({ kind: 'ended', code });
}

/** The world of one gateway: what it prints is told, and the order to end is its interrupt. */
function worldOf(own: Pick<Io, 'argv' | 'env' | 'cwd'>): Io {
  const print = (text: string): void => tell({ kind: 'printed', text });
  const asked = new Promise<void>((resolve) => {
    interrupt = resolve;
  });
  const onInterrupt: Io['onInterrupt'] = (listener) => {
    let wanted = true;
    void asked.then(() => wanted && listener('SIGTERM'));
    return () => {
      wanted = false;
    };
  };
  const stdinEnded = (): Promise<void> => new Promise(() => {});
  return { ...world, ...own, stdout: print, stderr: print, onInterrupt, stdinEnded };
}

function tell(report: HostReport): void {
  process.send?.(report);
}
