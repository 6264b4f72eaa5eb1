/** Exit codes beside those of a diagnosis; 64, 70 and 78 as in sysexits.h. */
export const exits = { fine: 0, failed: 1, undecided: 2, usage: 64, internal: 70, configuration: 78 } as const;

/** Ends the command with a sentence for the person at the terminal. */
export class Ending extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, sentence: string) {
    super(sentence);
    this.exitCode = exitCode;
  }
}
