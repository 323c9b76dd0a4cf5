/**
 * The ways in which a person or a system stops a program.
 */
import { onHangUp, surviveLostOutput } from '../common/process-signals.ts';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Interval between checks of the parent process, ms. */
export const PARENT_INTERVAL_MS = 250;

/**
 * Aborts at the first signal. Later ones change nothing, because npm forwards the Ctrl-C that the terminal has sent
 * already.
 */
export function stopSignals(env: NodeJS.ProcessEnv, parentId = () => process.ppid): AbortSignal {
  const asked = new AbortController();
  for (const signal of STOP_SIGNALS) process.on(signal, () => asked.abort());
  const watch = env.npm_lifecycle_event === undefined ? undefined : stopWithNpm(asked, parentId);
  onHangUp((hangUp) => {
    // Under nohup npm itself ends by the signal.
    if (hangUp === 'detached') clearInterval(watch);
    else asked.abort();
  });
  surviveLostOutput();
  return asked.signal;
}

/**
 * npm runs a script in a shell and signals the shell. Some shells (Debian's) stay in between and die silently. Then
 * only the changed parent shows that this program should stop. It is looked at twice, because a SIGHUP that ended npm
 * under nohup may still be on its way here.
 */
function stopWithNpm(asked: AbortController, parentId: () => number): NodeJS.Timeout {
  const npm = parentId();
  let isGone = false;
  return setInterval(() => {
    if (isGone) asked.abort();
    isGone = parentId() !== npm;
  }, PARENT_INTERVAL_MS).unref();
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
