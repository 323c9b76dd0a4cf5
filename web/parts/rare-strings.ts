import type { ReactiveControllerHost } from 'lit';
import type { LazyStrings } from '../ui/lazy-strings.ts';
import { parts } from './parts.ts';

let strings: (() => LazyStrings) | undefined;

/** Returns the strings of rare states, or undefined while they load. Then the host is drawn again. */
export function rareStrings(host: ReactiveControllerHost): LazyStrings | undefined {
  if (strings === undefined) {
    parts.load('lazy-strings').then(
      ({ lazyStrings }) => {
        strings = lazyStrings;
        host.requestUpdate();
      },
      () => {},
    );
  }
  return strings?.();
}
