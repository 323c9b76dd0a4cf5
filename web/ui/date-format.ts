export interface DateFormat {
  /** `17:05` */
  short(at: number): string;
  full(at: number): string;
  day(at: number): string;
  /** `3 feb, 17:05` */
  dated(at: number): string;
  /** Two times: to the second, or with their days if these differ. */
  span(since: number, until: number): [string, string];
  /** `2 minutes ago` */
  ago(ms: number): string;
}

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function createDateFormat(locale: string): DateFormat {
  const short = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const precise = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const dated = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    short: (at) => short.format(at),
    full: (at) => full.format(at),
    day: (at) => day.format(at),
    dated: (at) => dated.format(at),
    span: (since, until) => {
      const { format } = day.format(since) === day.format(until) ? precise : dated;
      return [format(since), format(until)];
    },
    ago: (ms) =>
      ms < HOUR_MS
        ? relative.format(-Math.floor(ms / MINUTE_MS), 'minute')
        : relative.format(-Math.floor(ms / HOUR_MS), 'hour'),
  };
}
