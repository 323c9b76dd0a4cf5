/**
 * The ways a person or a system asks a program to stop.
 */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Aborted at the first of them. Further ones change nothing: npm hands on the Ctrl-C that the terminal
 * has sent already, and whoever uses this stops within a deadline.
 */
export function stopSignals(): AbortSignal {
  const asked = new AbortController();
  for (const signal of STOP_SIGNALS) process.on(signal, () => asked.abort());
  // A terminal that was closed takes the output with it.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return asked.signal;
}

/** Fulfilled once it is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
