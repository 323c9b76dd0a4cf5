export interface Times {
  /** `17:05` */
  short(at: number): string;
  full(at: number): string;
  day(at: number): string;
}

export function timesIn(locale: string): Times {
  const short = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  return {
    short: (at) => short.format(at),
    full: (at) => full.format(at),
    day: (at) => day.format(at),
  };
}
