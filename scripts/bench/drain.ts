/** Reads from a local port as fast as it can, for as long as it lives: bulk beside what is measured. */

const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(Deno.args[0]) });
const buffer = new Uint8Array(256 * 1024);
await conn.read(buffer);
console.log(JSON.stringify({ reading: true }));
while (await conn.read(buffer) !== null);
