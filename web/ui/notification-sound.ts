/** Two soft tones: the pitch in Hz and the start in seconds. The second begins while the first fades. */
const TONES = [
  [659.25, 0],
  [987.77, 0.1],
] as const;
const GAIN = 0.12;
/** Duration of a tone's fade. */
const FADE_S = 0.5;
/** A browser may delay a sound until the next touch. A sound later than this is dropped. */
const LATE_MS = 1_000;

let context: AudioContext | undefined;

/** Called at a touch, because browsers allow sound only after one. */
export function unlock(): void {
  context ??= new AudioContext();
}

export async function play(): Promise<void> {
  if (context === undefined) return;
  const requestedAt = performance.now();
  await context.resume();
  if (performance.now() - requestedAt > LATE_MS) return;
  const { currentTime, destination } = context;
  const tones = TONES.map(([pitch, begin]) => startTone(destination, pitch, currentTime + begin));
  // A suspended context lets the audio device sleep.
  tones.at(-1)?.addEventListener('ended', () => void context?.suspend());
}

function startTone(output: AudioNode, pitch: number, begin: number): OscillatorNode {
  const tone = new OscillatorNode(output.context, { frequency: pitch });
  const volume = new GainNode(output.context, { gain: GAIN });
  volume.gain.setValueAtTime(GAIN, begin);
  volume.gain.exponentialRampToValueAtTime(GAIN / 100, begin + FADE_S);
  tone.connect(volume).connect(output);
  tone.start(begin);
  tone.stop(begin + FADE_S);
  return tone;
}
