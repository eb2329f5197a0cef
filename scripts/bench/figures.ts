/** The figures of one round, by what was measured. */
export type Figures = Readonly<Record<string, number>>;
