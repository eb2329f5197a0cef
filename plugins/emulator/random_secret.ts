/** Letters and digits, 192 bits of chance. */
export function randomSecret(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toHex();
}
