/** What a word that is not known was most likely meant to be. Pure. */

/**
 * The candidates that are spelt most like `word`, best first; case does not count.
 * @param most how many at most, 3 where it is left out
 */
export function nearest(word: string, candidates: readonly string[], most = 3): string[] {
  const wanted = word.toLowerCase();
  // A third of the letters may be wrong (two for two that changed places): more, and the proposal
  // would be a guess.
  const limit = Math.ceil(word.length / 3);
  return [...new Set(candidates)]
    // Names of another length are further away than that: they need not be compared.
    .filter((candidate) => Math.abs(candidate.length - word.length) <= limit)
    .map((candidate) => ({ candidate, off: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ off }) => off <= limit)
    .sort((a, b) => a.off - b.off || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's: insertions, deletions and replacements. A library would be loaded at every start. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
