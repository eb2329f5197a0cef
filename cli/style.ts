/** The few marks that people see on a terminal; plain text everywhere else. */
export interface Style {
  heading(text: string): string;
  failure(text: string): string;
}

export function createStyle(color: boolean): Style {
  const mark = (code: number) => (text: string) => color ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { heading: mark(1), failure: mark(31) };
}
