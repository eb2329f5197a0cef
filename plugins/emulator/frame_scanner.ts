/** One WebSocket frame's header (RFC 6455 §5.2), as far as the emulator judges it. */
export interface FrameHeader {
  readonly fin: boolean;
  readonly opcode: number;
  /** Payload bytes. */
  readonly length: number;
}

/** The longest header: two bytes, a length of eight, a mask of four. */
const MAX_HEADER = 14;

/**
 * Watches a stream of frames go by, in pieces of any size, and tells each frame's header as soon
 * as it is complete. Payloads are skipped, never kept: `ws` reads those, but does not tell how
 * they were framed.
 */
export function createFrameScanner(
  onFrame: (frame: FrameHeader) => void,
): (chunk: Uint8Array) => void {
  const header = new Uint8Array(MAX_HEADER);
  const view = new DataView(header.buffer);
  let have = 0;
  let skip = 0;

  function headerLength(): number {
    if (have < 2) return 2;
    const length = view.getUint8(1) & 0x7f;
    const mask = view.getUint8(1) & 0x80 ? 4 : 0;
    return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + mask;
  }

  function payloadLength(): number {
    const length = view.getUint8(1) & 0x7f;
    if (length === 126) return view.getUint16(2);
    return length === 127 ? Number(view.getBigUint64(2)) : length;
  }

  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (skip > 0) {
        const skipped = Math.min(skip, chunk.length - at);
        skip -= skipped;
        at += skipped;
        continue;
      }
      const part = chunk.subarray(at, at + headerLength() - have);
      header.set(part, have);
      have += part.length;
      at += part.length;
      if (have < headerLength()) continue;
      const first = view.getUint8(0);
      skip = payloadLength();
      have = 0;
      onFrame({ fin: (first & 0x80) !== 0, opcode: first & 0x0f, length: skip });
    }
  };
}
