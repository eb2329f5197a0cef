import assert from "node:assert/strict";
import { createEscapeKeys } from "./escape_keys.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What comes of typing these pieces one after another. */
function typing(...pieces: readonly string[]) {
  const keys = createEscapeKeys();
  const all = pieces.map((piece) => keys(bytes(piece)));
  return {
    sent: all.map(({ send }) => new TextDecoder().decode(send)).join(""),
    ended: all.map(({ end }) => end).includes(true),
    helped: all.filter(({ help }) => help).length,
  };
}

Deno.test("escape keys: ~. ends at the beginning of a line, and nowhere else", () => {
  const cases: readonly (readonly [readonly string[], string, boolean])[] = [
    [["~."], "", true],
    [["~", "."], "", true],
    [["ls\r~."], "ls\r", true],
    [["ls\n~", ".rest"], "ls\n", true],
    [["ls ~.\r"], "ls ~.\r", false],
    [["a~", "."], "a~.", false],
    [["~~.\r"], "~.\r", false],
    [["~~\r~."], "~\r", true],
    [["~a\r"], "~a\r", false],
    [["~\r", "~."], "~\r", true],
    [["\u001b[A~."], "\u001b[A~.", false],
    [["ä\r~."], "ä\r", true],
  ];
  for (const [pieces, sent, ended] of cases) {
    const found = typing(...pieces);
    assert.deepEqual([found.sent, found.ended], [sent, ended], JSON.stringify(pieces));
  }
});

Deno.test("escape keys: ~? shows them, and the line still begins", () => {
  assert.deepEqual(typing("~?~."), { sent: "", ended: true, helped: 1 });
  assert.deepEqual(typing("~", "?", "x"), { sent: "x", ended: false, helped: 1 });
});
