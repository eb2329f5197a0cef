/**
 * A copy of plain data that nobody can change, all the way down. What is not plain data stays what
 * it is: instances of classes (a Secret, an AbortSignal) by reference, and functions bound to the
 * object they came from, so that a method still finds its own state.
 */

const frozen = new WeakSet<object>();

export function frozenCopy<Value>(value: Value): Value {
  return copy(value, new Map()) as Value;
}

function copy(value: unknown, done: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null || frozen.has(value)) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  const made: unknown[] | Record<PropertyKey, unknown> | undefined = Array.isArray(value)
    ? []
    : isPlain(value)
    ? {}
    : undefined;
  if (made === undefined) return value;
  // Entered before the members are, since data may contain itself.
  done.set(value, made);
  for (const [key, member] of Object.entries(value)) {
    Object.defineProperty(made, key, {
      value: typeof member === "function" ? member.bind(value) : copy(member, done),
      enumerable: true,
    });
  }
  frozen.add(made);
  return Object.freeze(made);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
