/** Removes the keys of a name from a file of host keys. Double quotes: every shell of our users has them. */
export function removalCommand(keyAlias: string, file: string): string {
  return `ssh-keygen -R "${keyAlias}" -f "${file}"`;
}
