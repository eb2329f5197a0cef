/** A connection of Deno's as the kind of stream that Node's libraries expect. */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

const READ_SIZE = 16 * 1024;

export function socketStream(conn: Deno.Conn): Duplex {
  const stream = new Duplex({
    read() {
      // A buffer of its own for each read: the stream keeps what it is given.
      const bytes = new Uint8Array(READ_SIZE);
      conn.read(bytes).then(
        (n) => this.push(n === null ? null : Buffer.from(bytes.buffer, 0, n)),
        (error) => this.destroy(error),
      );
    },
    write(chunk: Uint8Array, _encoding, done) {
      writeAll(conn, chunk).then(() => done(), done);
    },
    final(done) {
      conn.closeWrite().then(() => done(), () => done());
    },
    destroy(error, done) {
      try {
        conn.close();
      } catch {
        // Closed already.
      }
      done(error);
    },
  });
  // What Node's HTTP client asks of a socket; the dialler has set it up.
  const itself = () => stream;
  return Object.assign(stream, {
    setNoDelay: itself,
    setKeepAlive: itself,
    setTimeout: itself,
    ref: itself,
    unref: itself,
  });
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
