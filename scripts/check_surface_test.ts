import assert from "node:assert/strict";
import { join } from "node:path";
import { describeSurface, hiddenTypes, signatures } from "./check_surface.ts";

async function tree(source: string): Promise<string> {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(join(root, "core"));
  await Deno.writeTextFile(join(root, "deno.json"), "{}");
  await Deno.writeTextFile(join(root, "core/mod.ts"), source);
  return root;
}

Deno.test("check_surface: comments and bodies are no part of the surface, signatures are", async () => {
  const [a, b, c] = [
    await tree("/** Doc. */\nexport function f(x: number): string {\n  return `${x}`;\n}\n"),
    await tree("export function f(x: number): string { return String(x) /* ! */; }\n"),
    await tree("export function f(x?: number): string {\n  return `${x}`;\n}\n"),
  ];
  try {
    const text = await describeSurface(a);
    assert.equal(text, "# core/mod.ts\n\nfunction f(x: number): string\n");
    assert.equal(await describeSurface(b), text);
    assert.notEqual(await describeSurface(c), text);
  } finally {
    for (const root of [a, b, c]) await Deno.remove(root, { recursive: true });
  }
});

Deno.test("check_surface: a type that is used and not exported is found", async () => {
  const root = await tree(
    "interface Hidden { a: 1 }\nexport interface Shown { b: readonly Hidden[]; c: Other }\nexport type Other = Date;\n",
  );
  try {
    assert.deepEqual(await hiddenTypes(root, "core/mod.ts"), ["Shown uses Hidden"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("check_surface: places are left out", () => {
  const doc =
    "Defined in file:///a.ts:1:1\n\ninterface A\n\n  b: C\n\nDefined in file:///a.ts:9:1\n\ntype D = E\n\n";
  assert.equal(signatures(doc), "interface A\n  b: C\n\ntype D = E\n");
});
