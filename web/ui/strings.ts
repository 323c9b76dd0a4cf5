import type { FailReason, RoomTrouble } from '../../gateway/protocol.ts';
import type { JoinRefusal } from '../client/connection-status.ts';
import type { Excess } from '../composer/paste-limits.ts';
import type { PageState } from '../parts/part-loader.ts';
import type { SheetName } from './events.ts';

/** Strings of the page, in each language. */
export interface Strings {
  code: 'es' | 'en';
  enter: string;
  here: (you: string) => string;
  rateLimited: string;
  offline: string;
  roomless: string;
  /** The gateway can't read the room. */
  trouble: Record<RoomTrouble, string>;
  left: string;
  /** The gateway refuses connections for now. */
  refused: Record<JoinRefusal, string>;
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
  downloadText: string;
  downloadJsonLines: string;
  sheets: Record<SheetName, string>;

  mentionsYou: (who: string) => string;

  you: string;
  messageFrom: (who: string, time: string) => string;
  somebody: string;
  emptyMessage: string;
  showAll: (characters: number) => string;
  showLess: string;
  forged: string;
  waiting: string;
  sending: string;
  heard: string;
  unconfirmed: string;
  failed: Record<FailReason, string>;
  sendAgain: string;
  discard: string;

  message: string;
  messageHint: string;
  compose: string;
  send: string;
  newLine: string;
  bytes: (used: number, most: number) => string;
  tooLong: string;
  tooMuch: Record<Excess['of'], (count: number, most: number) => string>;
  nickname: string;
  nicknameHint: string;
  badNickname: string;
  nowCalled: (nickname: string) => string;
  unknownCommand: (name: string) => string;

  leave: string;
  farewell: string;
  farewellHint: string;
  rejoin: string;

  serverSays: string;
  noticesDropped: (bytes: number) => string;
  missing: (count: number) => string;
  missingGone: string;
  loadMissing: string;
  gap: (since: string, until: string) => string;
  joined: (you: string) => string;
  back: (you: string) => string;
  lost: string;
  roomLost: string;
  youLeft: string;
  replaced: string;
  restarted: string;
  unsaved: string;
  flood: (from: string) => string;
  saved: string;
}

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${Math.ceil(bytes / 1_000_000)} MB`;

const es: Strings = {
  code: 'es',
  enter: 'Entrando en la sala…',
  here: (you) => `En la sala como ${you}`,
  rateLimited: 'Desde esta red se pide mucho a la vez: la página espera y sigue leyendo',
  offline: 'Sin conexión: tus palabras esperan',
  roomless: 'La sala no responde (el servidor TCP está caído)',
  trouble: {
    asks:
      'El servidor de la sala pide algo a quien entra, quizá un nombre, y Tertulia aún no sabe contestarle. ' +
      'Puede tomar por nombre lo primero que envíes.',
    format:
      'La sala no habla como espera Tertulia y no se ven los mensajes. ' +
      'Quien administra la página puede cambiar ROOM_FORMAT.',
  },
  left: 'Has salido',
  refused: {
    full: 'La sala está llena: se sigue intentando',
    crowded: 'Hay demasiadas conexiones desde esta red: se sigue intentando',
    foreign: 'Esta dirección no está permitida: falta en ALLOWED_HOSTS',
    blocked: 'La página llega, la conversación no: un proxy corta los WebSocket (Upgrade)',
  },
  locked: 'Esta sala pide una contraseña',

  log: 'Conversación',
  empty: 'Todavía no ha hablado nadie.',
  emptyHint: 'Lo que escribas lo leerá toda la sala: navegadores y terminales.',
  toNewest: 'Ir a lo último',
  unreadFromHere: 'Nuevos desde aquí',
  newMessages: (count) => (count === 1 ? '1 mensaje nuevo' : `${count} mensajes nuevos`),
  loading: 'Cargando…',
  loadFailed: 'No se pudo cargar.',
  tryAgain: 'Reintentar',
  reload: {
    outdated: 'Hay una versión nueva de esta página.',
    incomplete: 'A esta página le falta una parte, que solo vuelve al recargarla.',
    button: 'Recargar',
  },
  beginning: 'Aquí empieza la conversación',
  notKept: 'Los mensajes anteriores ya no se guardan',

  search: 'Buscar',
  close: 'Cerrar',
  menu: 'Más',
  downloadText: 'Descargar como texto',
  downloadJsonLines: 'Descargar como JSON Lines',
  sheets: { people: 'Quién está', invite: 'Invitar', settings: 'Ajustes', help: 'Ayuda' },

  mentionsYou: (who) => `${who} te menciona`,

  you: 'Tú',
  messageFrom: (who, time) => `${who}, ${time}`,
  somebody: 'alguien',
  emptyMessage: 'una línea vacía',
  showAll: (characters) => `Mostrar todo (${characters} caracteres)`,
  showLess: 'Mostrar menos',
  forged: 'Esta dirección no lo ha dicho: alguien habla en su nombre.',
  waiting: 'En espera',
  sending: 'Enviando…',
  heard: 'Oído en la sala',
  unconfirmed: 'No se sabe si llegó a la sala',
  failed: {
    empty: 'No se dijo: no quedaba nada que decir',
    'too-long': 'No se dijo: es demasiado largo',
    left: 'No se dijo: ya habías salido',
    closing: 'No se dijo: la sala se estaba cerrando',
  },
  sendAgain: 'Enviar otra vez',
  discard: 'Descartar',

  message: 'Mensaje',
  messageHint: 'Di algo…',
  compose: 'Escribir',
  send: 'Enviar',
  newLine: 'Otra línea',
  bytes: (used, most) => `${used} de ${most} bytes`,
  tooLong: 'Demasiado largo para un mensaje: acórtalo o pártelo en líneas.',
  tooMuch: {
    lines: (count, most) => `No se ha pegado: serían ${count} líneas, y caben ${most}. Pega una parte.`,
    characters: (count, most) =>
      `No se ha pegado: serían ${count} caracteres, y caben ${most}. Pega una parte.`,
  },
  nickname: 'Tu nombre',
  nicknameHint: 'opcional',
  badNickname: 'De 1 a 24 caracteres, sin < ni >.',
  nowCalled: (nickname) => `Ahora te llamas ${nickname}.`,
  unknownCommand: (name) =>
    `No hay ninguna orden /${name}: mira /ayuda. Para decirlo tal cual, escribe //${name}.`,

  leave: 'Salir',
  farewell: 'Has salido de la tertulia.',
  farewellHint: 'La sala sigue sin ti. La silla queda libre.',
  rejoin: 'Volver',

  serverSays: 'El servidor, solo a ti',
  noticesDropped: (bytes) => `El servidor te envió demasiado: aquí faltan ${sizeOf(bytes)}`,
  missing: (count) => (count === 1 ? 'Aquí falta 1 mensaje.' : `Aquí faltan ${count} mensajes.`),
  missingGone: 'Ya no se guardan.',
  loadMissing: 'Cargar',
  gap: (since, until) => `De ${since} a ${until} nadie escuchaba la sala: pueden faltar palabras`,
  joined: (you) => `Has entrado como ${you}`,
  back: (you) => `De vuelta, como ${you}`,
  lost: 'Se perdió la conexión',
  roomLost: 'La sala dejó de responder',
  youLeft: 'Has salido',
  replaced: 'Otra pestaña siguió con tu sitio: entras de nuevo',
  restarted: 'La sala empieza de nuevo',
  flood: (from) =>
    `${from || 'Alguien'} envía líneas más deprisa de lo que se pueden leer: se juntan en mensajes largos`,
  unsaved: 'El disco del servidor no admite más: lo que se envíe ahora puede perderse si se reinicia',
  saved: 'El servidor vuelve a guardar la conversación',
};

const en: Strings = {
  code: 'en',
  enter: 'Connecting…',
  here: (you) => `In the room as ${you}`,
  rateLimited: 'Much is asked for from this network at once: the page waits and reads on',
  offline: 'No connection: your words wait',
  roomless: 'The room is not answering (the TCP server is down)',
  trouble: {
    asks:
      'The room’s server asks everyone for something first, a name perhaps, and Tertulia can’t answer it yet. ' +
      'It may take the first thing you send for your name.',
    format:
      'The room doesn’t talk the way Tertulia expects, so messages don’t show. ' +
      'Whoever runs this page can change ROOM_FORMAT.',
  },
  left: 'You left',
  refused: {
    full: 'The room is full: still trying',
    crowded: 'Too many connections from this network: still trying',
    foreign: 'This address is not allowed: it is missing in ALLOWED_HOSTS',
    blocked: 'The page gets through, the conversation does not: a proxy cuts WebSockets off (Upgrade)',
  },
  locked: 'This room asks for a passphrase',

  log: 'Conversation',
  empty: 'Nobody has spoken yet.',
  emptyHint: 'What you write is read by the whole room: browsers and terminals.',
  toNewest: 'To the newest',
  unreadFromHere: 'New from here',
  newMessages: (count) => (count === 1 ? '1 new message' : `${count} new messages`),
  loading: 'Loading…',
  loadFailed: 'It could not be loaded.',
  tryAgain: 'Try again',
  reload: {
    outdated: 'There is a new version of this page.',
    incomplete: 'A part of this page is missing, and only a reload brings it.',
    button: 'Reload',
  },
  beginning: 'The conversation begins here',
  notKept: 'Older messages are no longer kept',

  search: 'Search',
  close: 'Close',
  menu: 'More',
  downloadText: 'Download as text',
  downloadJsonLines: 'Download as JSON Lines',
  sheets: { people: 'Who is here', invite: 'Invite', settings: 'Settings', help: 'Help' },

  mentionsYou: (who) => `${who} mentions you`,

  you: 'You',
  messageFrom: (who, time) => `${who}, ${time}`,
  somebody: 'somebody',
  emptyMessage: 'an empty line',
  showAll: (characters) => `Show all (${characters} characters)`,
  showLess: 'Show less',
  forged: 'This address did not say this: somebody speaks in its name.',
  waiting: 'Waiting',
  sending: 'Sending…',
  heard: 'Heard by the room',
  unconfirmed: 'It is not known whether the room heard this',
  failed: {
    empty: 'Not said: nothing was left to say',
    'too-long': 'Not said: it is too long',
    left: 'Not said: you had left',
    closing: 'Not said: the room was closing',
  },
  sendAgain: 'Send again',
  discard: 'Discard',

  message: 'Message',
  messageHint: 'Say something…',
  compose: 'Write',
  send: 'Send',
  newLine: 'Another line',
  bytes: (used, most) => `${used} of ${most} bytes`,
  tooLong: 'Too long for one message: shorten it, or break it into lines.',
  tooMuch: {
    lines: (count, most) => `Not pasted: it would be ${count} lines, and ${most} fit. Paste a part of it.`,
    characters: (count, most) =>
      `Not pasted: it would be ${count} characters, and ${most} fit. Paste a part of it.`,
  },
  nickname: 'Your name',
  nicknameHint: 'optional',
  badNickname: '1 to 24 characters, without < or >.',
  nowCalled: (nickname) => `You are ${nickname} now.`,
  unknownCommand: (name) => `There is no command /${name}: see /help. To say it as it is, write //${name}.`,

  leave: 'Leave',
  farewell: 'You left the tertulia.',
  farewellHint: 'The room goes on without you. The chair stays free.',
  rejoin: 'Come back',

  serverSays: 'The server, only to you',
  noticesDropped: (bytes) => `The server sent you too much: ${sizeOf(bytes)} are missing here`,
  missing: (count) => (count === 1 ? '1 message is missing here.' : `${count} messages are missing here.`),
  missingGone: 'No longer kept.',
  loadMissing: 'Load',
  gap: (since, until) => `From ${since} to ${until} nobody listened to the room: words may be missing`,
  joined: (you) => `You came in as ${you}`,
  back: (you) => `Back, as ${you}`,
  lost: 'The connection was lost',
  roomLost: 'The room stopped answering',
  youLeft: 'You left',
  replaced: 'Another tab went on in your place: you come in anew',
  restarted: 'The room starts anew',
  flood: (from) =>
    `${from || 'Somebody'} sends lines faster than anybody can read: they are joined into long messages`,
  unsaved: 'The disk of the server takes no more: what is sent now may be lost if it restarts',
  saved: 'The server saves the conversation again',
};

export const DICTIONARIES = { es, en };

export interface Language {
  /** Name of the dictionary, for the page's `lang`. */
  name: keyof typeof DICTIONARIES;
  /** Locale for dates, because es-MX and es-ES write them differently. */
  locale: string;
}

/** Chooses the first preferred language that the page has, or the wanted one. Falls back to English. */
export function chooseLanguage(preferred: readonly string[], wanted?: Language['name']): Language {
  for (const locale of preferred) {
    const name = locale.toLowerCase().split('-')[0];
    if ((name === 'es' || name === 'en') && name === (wanted ?? name)) return { name, locale };
  }
  return { name: wanted ?? 'en', locale: wanted ?? 'en' };
}
