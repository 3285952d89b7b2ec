// The socket of one attempt: dialled, written to, ended.
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type AttemptIdentity, AttemptRecord } from './attempt-record.ts';
import { type Dialler, dialTcp, dialTls, NOWHERE } from './dial-endpoint.ts';
import type { Wiring } from './wiring.ts';

/** An attempt with a socket, once it was dialled. */
export abstract class AttemptSocket extends AttemptRecord {
  protected readonly wiring: Wiring;
  protected socket: Socket | TLSSocket | undefined;
  // TCP under TLS, where it was dialled apart.
  #under: Socket | undefined;

  constructor(wiring: Wiring, identity: AttemptIdentity) {
    super(identity);
    this.wiring = wiring;
  }

  protected now(): number {
    return this.wiring.now();
  }

  /** `isReset`: it will end with a reset, which needs the TCP socket itself. */
  protected dial(owner: Dialler, isReset: boolean): void {
    const { wiring, endpoint } = this;
    const { tls } = wiring.endpoints[endpoint] ?? NOWHERE;
    if (tls === undefined) {
      this.socket = dialTcp(wiring, endpoint, owner);
      return;
    }
    if (isReset) this.#under = new Socket();
    this.socket = dialTls({ wiring, endpoint, tls, under: this.#under }, owner);
  }

  beneath(): void {
    this.connectedMs = this.now();
  }

  protected write(opcode: number, payload: string): void {
    // As latin1: Node hands such a text to the kernel without keeping a buffer alive.
    this.socket?.write(this.wiring.frameText(opcode, payload), 'latin1');
  }

  // The server's FIN. Closing sends ours; Node would shut down first, and close then.
  finished(socket: Socket | TLSSocket): void {
    if (this.state === 'asked') this.dropped('closed');
    const isOpen = this.state === 'open' || this.state === 'closing';
    if (this.outcome === 'opened' && this.closedBy === undefined && isOpen) {
      this.closeCode = 1006;
      this.endedByServer('fin', this.now());
    }
    if (socket.writableLength === 0 && !('encrypted' in socket)) socket.destroy();
  }

  protected destroy(): void {
    this.socket?.destroy();
    this.#under?.destroy();
  }

  protected reset(): void {
    const tcp = this.#under ?? this.socket;
    if (tcp === undefined) return;
    if (tcp instanceof Socket && !('encrypted' in tcp) && !tcp.connecting) tcp.resetAndDestroy();
    this.destroy();
  }
}
