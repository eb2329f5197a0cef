/** The header of one unmasked binary frame, in the eight-byte form that fits any length. */
export function longHeader(length: number): Uint8Array {
  const header = new Uint8Array(10);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x82);
  view.setUint8(1, 127);
  view.setBigUint64(2, BigInt(length));
  return header;
}
