export interface Once<Value> {
  (): Promise<Value>;
  /** What was made, once it has been asked for. */
  readonly value: Promise<Value> | undefined;
}

/** Made when first asked for; what failed is tried again when next asked for. */
export function once<Value>(make: () => Promise<Value>): Once<Value> {
  let value: Promise<Value> | undefined;
  const get = () => {
    value ??= make().catch((error) => {
      value = undefined;
      throw error;
    });
    return value;
  };
  return Object.defineProperty(get, "value", { get: () => value }) as Once<Value>;
}
