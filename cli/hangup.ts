/**
 * Whether whoever started us has SIGHUP ignored, as nohup does.
 * @param status the text of Linux's /proc/self/status; other systems do not tell
 */
export function ignoresHangup(status: string): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  // SIGHUP is signal 1, the lowest bit.
  return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n;
}
