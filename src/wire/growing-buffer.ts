// Bytes that arrive in pieces of any size, kept together at a cost linear in their number: a peer
// that sends them one by one gains nothing by it.

/** A buffer that grows as bytes come in. */
export interface GrowingBuffer {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** What is in it; a view that the next `append` may outdate. */
  view(): Buffer;
}

/** An empty buffer. */
export function createGrowingBuffer(): GrowingBuffer {
  let store = Buffer.alloc(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    append: (bytes) => {
      if (length + bytes.length > store.length) {
        const larger = Buffer.alloc(Math.max(256, store.length * 2, length + bytes.length));
        store.copy(larger, 0, 0, length);
        store = larger;
      }
      store.set(bytes, length);
      length += bytes.length;
    },
    view: () => store.subarray(0, length),
  };
}
