/** What `~` at the beginning of a line means to the client, as OpenSSH has it. Pure. */

export interface Typed {
  /** For the VM. */
  readonly send: Uint8Array;
  /** `~.`: the session is to end; what follows it is for nobody. */
  readonly end: boolean;
  /** `~?`: the user wants to know the escapes. */
  readonly help: boolean;
}

/** What `~?` shows, on a terminal in raw mode. */
export const ESCAPES = [
  "~?",
  "Escapes, at the beginning of a line:",
  " ~.   end the session",
  " ~?   this text",
  " ~~   the letter ~ itself",
  "",
].join("\r\n");

const ESCAPE = 0x7e;
const DOT = 0x2e;
const QUESTION_MARK = 0x3f;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** Reads what is typed, piece by piece. */
export function createEscapeKeys(): (bytes: Uint8Array) => Typed {
  let lineBegins = true;
  let escaped = false;
  return (bytes) => {
    const send: number[] = [];
    let help = false;
    for (const byte of bytes) {
      if (escaped) {
        escaped = false;
        if (byte === DOT) return { send: Uint8Array.from(send), end: true, help };
        if (byte === QUESTION_MARK) {
          help = true;
          continue;
        }
        // Of no meaning to us: both are the VM's.
        if (byte !== ESCAPE) send.push(ESCAPE);
      } else if (lineBegins && byte === ESCAPE) {
        escaped = true;
        continue;
      }
      lineBegins = byte === CARRIAGE_RETURN || byte === LINE_FEED;
      send.push(byte);
    }
    return { send: Uint8Array.from(send), end: false, help };
  };
}
