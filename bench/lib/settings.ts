/**
 * BENCH_ROUNDS and BENCH_SECONDS set the number and the length of the measurements. BENCH_MEMBERS=200,1000 selects
 * sizes of a room. BENCH_MINUTES is the time in which the page's memory is sampled. BENCH_ATTACKS=newlines,idle selects
 * attacks by a part of their names.
 */
export const ROUNDS = positive('BENCH_ROUNDS', 5);
export const SECONDS = positive('BENCH_SECONDS', 2);
export const MINUTES = positive('BENCH_MINUTES', 3);

function positive(name: string, byDefault: number): number {
  const value = Number(process.env[name] ?? byDefault);
  if (!(value > 0)) throw new Error(`${name}=${process.env[name]}: must be a number above 0`);
  return value;
}

export function isWanted(members: number): boolean {
  const { BENCH_MEMBERS } = process.env;
  return !BENCH_MEMBERS || BENCH_MEMBERS.split(',').map(Number).includes(members);
}

export function isWantedAttack(name: string): boolean {
  const { BENCH_ATTACKS } = process.env;
  return !BENCH_ATTACKS || BENCH_ATTACKS.split(',').some((part) => name.includes(part));
}

/** Prints progress to stderr, apart from the results. */
export function progress(what: string): void {
  console.error(`... ${what}`);
}
