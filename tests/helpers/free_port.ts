/**
 * A loopback port that was free a moment ago, for programs that cannot choose one themselves.
 * The system hands out others before it comes back to the same, so that a race is all but excluded.
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
