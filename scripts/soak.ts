/**
 * npm run soak: MINUTES (5) in a busy room, with tabs that come and go. SEED: the seed of an earlier run.
 */
import { type Sample, soak, withoutProc } from '../test/soak/soak.ts';
import { build, EVERYTHING, staleOnes } from './lib/targets.ts';

const minutes = Number(process.env.MINUTES ?? 5);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1_000_000_000));

if (withoutProc) {
  console.error(`npm run soak: ${withoutProc}`);
  process.exit(1);
}
if (!(await build(staleOnes(EVERYTHING)))) process.exit(1);
console.log(`${minutes} minutes, seed ${seed}\n`);

const steps: (() => unknown)[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await clear();
    process.exit(1);
  });
}
try {
  const cleanup = { after: (step: () => unknown) => void steps.push(step) };
  const { samples, joins, findings } = await soak(cleanup, minutes, seed, (sample) =>
    console.log(line(sample)),
  );
  console.log(`\n${samples.at(-1)?.messages} messages, ${joins} visitors came and went.`);
  for (const finding of findings) console.log(finding);
  console.log(findings.length === 0 ? 'Nothing was lost or doubled, and nothing grew.' : 'FAILED');
  process.exitCode = findings.length === 0 ? 0 : 1;
} finally {
  await clear();
}
process.exit();

function line({ minute, messages, gateway, room }: Sample): string {
  const held = ({ memory, files }: Sample['room']) =>
    `${(memory / 1024 / 1024).toFixed(0).padStart(4)} MiB, ${files} files`;
  return `${minute.toFixed(1).padStart(5)} min  ${messages} messages  gateway ${held(gateway)}  room ${held(room)}`;
}

async function clear(): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step();
}
