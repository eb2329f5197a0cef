/** Hosts in a sentence, however many they are. Pure. */

export function namedHosts(hosts: readonly string[]): string {
  const [first = "", ...others] = hosts;
  switch (others.length) {
    case 0:
      return first;
    case 1:
      return `${first} and ${others[0]}`;
    default:
      return `${first} and ${others.length} more hosts`;
  }
}
