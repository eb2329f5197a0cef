/** Writes a new file that nobody else may read. */
export async function writePrivate(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, text, { mode: 0o600, createNew: true });
}
