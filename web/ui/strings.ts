import type { PageState } from '../parts/part-loader.ts';
import type { SheetName } from './events.ts';

/** Strings of the first screen, in each language. The others are in lazy-strings.ts. */
export interface Strings {
  code: 'es' | 'en';
  enter: string;
  here: (you: string) => string;
  rateLimited: string;
  offline: string;
  roomless: string;
  left: string;
  locked: string;

  log: string;
  empty: string;
  emptyHint: string;
  toNewest: string;
  unreadFromHere: string;
  newMessages: (count: number) => string;
  loading: string;
  loadFailed: string;
  tryAgain: string;
  reload: Record<Exclude<PageState, 'whole'> | 'button', string>;
  beginning: string;
  notKept: string;

  search: string;
  close: string;
  menu: string;
  sheets: Record<SheetName, string>;

  mentionsYou: (who: string) => string;

  you: string;
  messageFrom: (who: string, time: string) => string;
  somebody: string;
  emptyMessage: string;
  showAll: (characters: number) => string;
  showLess: string;
  forged: string;
  /** Another browser uses this name. */
  taken: string;
  formerly: (name: string) => string;
  hidden: string;
  waiting: string;
  sending: string;
  heard: string;
  unconfirmed: string;
  sendAgain: string;
  discard: string;

  message: string;
  messageHint: string;
  /** Placeholders for a phone. */
  shortHints: Record<'message' | 'nickname', string>;
  compose: string;
  send: string;
  newLine: string;
  bytes: (used: number, most: number) => string;
  tooLong: string;
  nickname: string;
  nicknameHint: string;
  nudge: string;

  rejoin: string;

  serverSays: string;
  joined: (you: string) => string;
  back: (you: string) => string;
  lost: string;
  youLeft: string;
  /** Stands on a printed page. */
  printed: string;
}

const es: Strings = {
  code: 'es',
  enter: 'Entrando en la sala…',
  here: (you) => `En la sala como ${you}`,
  rateLimited: 'Mucho tráfico desde esta red: el historial tardará un poco más',
  offline: 'Sin conexión. Lo que escribas se enviará al volver.',
  roomless: 'La sala no responde (el servidor TCP está caído)',
  left: 'Has salido',
  locked: 'Esta sala pide una contraseña',

  log: 'Conversación',
  empty: 'Todavía no hay mensajes.',
  emptyHint: 'Escribe abajo: lo verá toda la sala, en navegadores y terminales (nc, telnet…).',
  toNewest: 'Ir al final',
  unreadFromHere: 'Mensajes nuevos',
  newMessages: (count) => (count === 1 ? '1 mensaje nuevo' : `${count} mensajes nuevos`),
  loading: 'Cargando…',
  loadFailed: 'No se pudo cargar.',
  tryAgain: 'Reintentar',
  reload: {
    outdated: 'Hay una versión nueva de esta página.',
    incomplete: 'A esta página le falta una parte. Recárgala para recuperarla.',
    button: 'Recargar',
  },
  beginning: 'Aquí empieza la conversación',
  notKept: 'Los mensajes anteriores ya no se guardan',

  search: 'Buscar',
  close: 'Cerrar',
  menu: 'Más',
  sheets: {
    people: 'Quién está aquí',
    invite: 'Invitar',
    settings: 'Ajustes',
    help: 'Ayuda',
    host: 'Anfitrión',
    lab: 'Laboratorio',
    download: 'Guardar o imprimir',
  },

  mentionsYou: (who) => `${who} te menciona`,

  you: 'Tú',
  messageFrom: (who, time) => `${who}, ${time}`,
  somebody: 'alguien',
  emptyMessage: 'una línea vacía',
  showAll: (characters) => `Mostrar todo (${characters} caracteres)`,
  showLess: 'Mostrar menos',
  hidden: 'Oculto para los demás',
  forged: 'Suplantación: esta dirección no envió este mensaje.',
  taken: 'otra persona con ese nombre',
  formerly: (name) => `antes ${name}`,
  waiting: 'Pendiente',
  sending: 'Enviando…',
  heard: 'La sala lo ha repetido',
  unconfirmed: 'Sin confirmar: quizá no llegó',
  sendAgain: 'Enviar otra vez',
  discard: 'Descartar',

  message: 'Mensaje',
  messageHint: 'Escribe a toda la sala…',
  shortHints: { message: 'Escribe…', nickname: 'tu nombre' },
  compose: 'Escribir',
  send: 'Enviar',
  newLine: 'Nueva línea',
  bytes: (used, most) => `${used} de ${most} bytes`,
  tooLong: 'Demasiado largo para un mensaje: acórtalo o divídelo en líneas.',
  nickname: 'Tu nombre',
  nicknameHint: '¿cómo te llamas?',
  nudge: 'Sin nombre, los demás solo verán tu dirección.',

  rejoin: 'Volver a entrar',

  serverSays: 'El servidor, solo para ti',
  joined: (you) => `Has entrado como ${you}`,
  back: (you) => `Has vuelto como ${you}`,
  lost: 'Se perdió la conexión',
  youLeft: 'Has salido',
  printed: 'Solo la parte cargada de la conversación. Para imprimirla entera: Más, Guardar o imprimir.',
};

const en: Strings = {
  code: 'en',
  enter: 'Connecting…',
  here: (you) => `In the room as ${you}`,
  rateLimited: 'Lots of traffic from this network: history loads more slowly',
  offline: 'Offline. What you write will be sent when you are back.',
  roomless: 'The room is not responding (the TCP server is down)',
  left: 'You left',
  locked: 'This room needs a passphrase',

  log: 'Conversation',
  empty: 'No messages yet.',
  emptyHint: 'Write below. Everyone in the room sees it, in browsers and terminals (nc, telnet…).',
  toNewest: 'Jump to latest',
  unreadFromHere: 'New messages',
  newMessages: (count) => (count === 1 ? '1 new message' : `${count} new messages`),
  loading: 'Loading…',
  loadFailed: 'Could not load.',
  tryAgain: 'Try again',
  reload: {
    outdated: 'There is a new version of this page.',
    incomplete: 'A part of this page is missing. Reload to get it back.',
    button: 'Reload',
  },
  beginning: 'The conversation starts here',
  notKept: 'Older messages are no longer kept',

  search: 'Search',
  close: 'Close',
  menu: 'More',
  sheets: {
    people: 'Who is here',
    invite: 'Invite',
    settings: 'Settings',
    help: 'Help',
    host: 'Host',
    lab: 'Lab',
    download: 'Save or print',
  },

  mentionsYou: (who) => `${who} mentions you`,

  you: 'You',
  messageFrom: (who, time) => `${who}, ${time}`,
  somebody: 'someone',
  emptyMessage: 'an empty line',
  showAll: (characters) => `Show all (${characters} characters)`,
  showLess: 'Show less',
  hidden: 'Hidden from others',
  forged: 'Impersonation: this address did not send this.',
  taken: 'another person with that name',
  formerly: (name) => `was ${name}`,
  waiting: 'Pending',
  sending: 'Sending…',
  heard: 'The room has repeated it',
  unconfirmed: 'Not confirmed: it may not have arrived',
  sendAgain: 'Send again',
  discard: 'Discard',

  message: 'Message',
  messageHint: 'Message everyone in the room…',
  shortHints: { message: 'Message…', nickname: 'your name' },
  compose: 'Write',
  send: 'Send',
  newLine: 'New line',
  bytes: (used, most) => `${used} of ${most} bytes`,
  tooLong: 'Too long for one message: shorten it or split it into lines.',
  nickname: 'Your name',
  nicknameHint: 'what should we call you?',
  nudge: 'Without a name, others only see your address.',

  rejoin: 'Rejoin',

  serverSays: 'Server, only to you',
  joined: (you) => `You joined as ${you}`,
  back: (you) => `You are back as ${you}`,
  lost: 'Connection lost',
  youLeft: 'You left',
  printed: 'Only the loaded part of the conversation. To print all of it: More, Save or print.',
};

export const DICTIONARIES = { es, en };

/** Chooses the first preferred language that the page has, or the wanted one. Falls back to English. */
export function chooseLanguage(preferred: readonly string[], wanted?: Strings['code']): Strings['code'] {
  const languages = preferred.map((locale) => locale.toLowerCase().split('-')[0]);
  return wanted ?? languages.find((name) => name === 'es' || name === 'en') ?? 'en';
}
