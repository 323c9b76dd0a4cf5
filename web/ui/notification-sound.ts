/** Two soft tones, the second while the first fades: Hz, and when it begins, seconds. */
const TONES = [
  [659.25, 0],
  [987.77, 0.1],
] as const;
const GAIN = 0.12;
/** How long a tone fades, seconds. */
const FADE_S = 0.5;
/** A browser may let a sound wait for the next touch; then it is too late for it, ms. */
const LATE_MS = 1_000;

let context: AudioContext | undefined;

/** At a person's touch: from then on browsers let the page sound. */
export function unlock(): void {
  context ??= new AudioContext();
}

/** A short sound of our own. */
export async function play(): Promise<void> {
  if (context === undefined) return;
  const asked = performance.now();
  await context.resume();
  if (performance.now() - asked > LATE_MS) return;
  const { currentTime, destination } = context;
  const tones = TONES.map(([pitch, begin]) => sound(destination, pitch, currentTime + begin));
  // Between two sounds it holds no loudspeaker awake.
  tones.at(-1)?.addEventListener('ended', () => void context?.suspend());
}

function sound(output: AudioNode, pitch: number, begin: number): OscillatorNode {
  const tone = new OscillatorNode(output.context, { frequency: pitch });
  const volume = new GainNode(output.context, { gain: GAIN });
  volume.gain.setValueAtTime(GAIN, begin);
  volume.gain.exponentialRampToValueAtTime(GAIN / 100, begin + FADE_S);
  tone.connect(volume).connect(output);
  tone.start(begin);
  tone.stop(begin + FADE_S);
  return tone;
}
