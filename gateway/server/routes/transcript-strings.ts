/** Strings of the transcript as a page. The page of the room has its own in web/ui. */
export const LANGUAGES = ['es', 'en'] as const;

export type PageLanguage = (typeof LANGUAGES)[number];

export interface PageStrings {
  saved: (when: string, zone: string) => string;
  days: string;
  allDays: string;
  nothing: string;
  terminal: string;
  somebody: string;
  host: string;
  taken: string;
  formerly: (name: string) => string;
  hidden: string;
  forged: string;
  emptyMessage: string;
  gap: (since: string, until: string) => string;
}

export const PAGE_STRINGS: Record<PageLanguage, PageStrings> = {
  es: {
    saved: (when, zone) => `Guardada el ${when} (${zone})`,
    days: 'Días',
    allDays: 'Todos los días',
    nothing: 'No hay mensajes.',
    terminal: 'Terminal',
    somebody: 'alguien',
    host: 'Anfitrión',
    taken: 'otra persona con ese nombre',
    formerly: (name) => `antes ${name}`,
    hidden: 'Oculto para los demás',
    forged: 'Suplantación: esta dirección no envió este mensaje.',
    emptyMessage: 'una línea vacía',
    gap: (since, until) => `Sin conexión con la sala de ${since} a ${until}: pueden faltar mensajes`,
  },
  en: {
    saved: (when, zone) => `Saved on ${when} (${zone})`,
    days: 'Days',
    allDays: 'All days',
    nothing: 'No messages.',
    terminal: 'Terminal',
    somebody: 'someone',
    host: 'Host',
    taken: 'another person with that name',
    formerly: (name) => `was ${name}`,
    hidden: 'Hidden from others',
    forged: 'Impersonation: this address did not send this.',
    emptyMessage: 'an empty line',
    gap: (since, until) => `Disconnected from the room from ${since} to ${until}: messages may be missing`,
  },
};
