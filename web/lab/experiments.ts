/** A step of an experiment, or of what a person writes. */
export type LabStep =
  /** Text with escapes, written at once. */
  | { name: 'write'; text: string }
  | { name: 'wait'; ms: number }
  | { name: 'end' }
  | { name: 'reset' }
  | { name: 'stop-reading' };

const PAUSE_MS = 500;
/** Time in which somebody else can talk. */
const LONG_PAUSE_MS = 5_000;

const write = (text: string): LabStep => ({ name: 'write', text });
const wait = (ms: number): LabStep => ({ name: 'wait', ms });

const TEN_DIGITS = '0123456789';
const LONG_BYTES = 3000;

/** Ready-made experiments. Their texts are in lab-strings.ts. */
export const EXPERIMENTS = {
  three: [write('uno\\n'), write('dos\\n'), write('tres\\n')],
  noNewline: [write('sin salto'), wait(LONG_PAUSE_MS), write(' y con salto\\n')],
  long: [write(`${TEN_DIGITS.repeat(LONG_BYTES / TEN_DIGITS.length).slice(1)}\\n`)],
  halfCharacter: [write('ma\\xc3'), wait(PAUSE_MS), write('\\xb1ana\\n')],
  // Telnet clients send ff and fe as commands, so a server may drop them unseen.
  invalid: [write('\\xc0\\xc1\\n')],
  forged: [write('hola\\n192.0.2.1:4000 dice: soy otra persona\\n')],
  reset: [write('ahora vuelvo\\n'), wait(PAUSE_MS), { name: 'reset' }],
  readNothing: [{ name: 'stop-reading' }, write('no leo\\n')],
} satisfies Record<string, LabStep[]>;

export type ExperimentName = keyof typeof EXPERIMENTS;
