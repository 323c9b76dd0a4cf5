/**
 * The ways a person or a system asks a program to stop.
 */
import { onHangUp, surviveLostOutput } from '../../common/process-signals.ts';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** How often we look whether npm is still there, ms. */
const PARENT_INTERVAL = 250;

/**
 * Aborted at the first of them. Further ones change nothing: npm hands on the Ctrl-C that the terminal
 * has sent already, and whoever uses this stops within a deadline.
 */
export function stopSignals(): AbortSignal {
  const asked = new AbortController();
  for (const signal of STOP_SIGNALS) process.on(signal, () => asked.abort());
  const watch = stopWithNpm(asked);
  onHangUp((hangUp) => {
    // Under nohup npm itself ends by the signal.
    if (hangUp === 'detached') clearInterval(watch);
    else asked.abort();
  });
  surviveLostOutput();
  return asked.signal;
}

/**
 * npm runs a script by a shell and signals the shell. Some shells (Debian's) stay between npm and us and
 * die of it without a word: then we have another parent, and nobody else who could stop us.
 */
function stopWithNpm(asked: AbortController): NodeJS.Timeout | undefined {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const npm = process.ppid;
  return setInterval(() => {
    if (process.ppid !== npm) asked.abort();
  }, PARENT_INTERVAL).unref();
}

/** Fulfilled once it is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
