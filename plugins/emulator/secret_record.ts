/** Every secret that the emulator gave out, so that tests can look for leaks. */
export interface SecretRecord {
  /** Returns the value, for use in passing. */
  add(value: string): string;
  list(): string[];
}

/** A soak of days must not fill the memory: the oldest go. */
const LIMIT = 50_000;

export function createSecretRecord(): SecretRecord {
  const values = new Set<string>();
  return {
    add(value) {
      values.add(value);
      const [oldest] = values.size > LIMIT ? values : [];
      if (oldest !== undefined) values.delete(oldest);
      return value;
    },
    list: () => [...values],
  };
}
