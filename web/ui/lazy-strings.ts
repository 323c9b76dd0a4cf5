import type { LoginError } from '../client/login.ts';
import type { Preferences } from '../client/preferences.ts';
import type { InstallState } from '../client/pwa-install.ts';
import type { CommandStrings } from '../composer/completion-sources.ts';
import type { NotificationAccess } from './desktop-notification.ts';

type Row = readonly [keys: string, does: string];

/** Strings of the lazy parts of the page. */
export interface LazyStrings {
  login: Record<'hint' | 'remembered' | 'notRemembered' | 'code' | 'enter' | LoginError, string>;

  searchHint: string;
  searchStart: string;
  searching: string;
  searchFailed: string;
  searchPartial: string;
  notFound: (query: string) => string;
  found: (count: number, more: boolean) => string;
  moreResults: string;
  placeFailed: string;

  theme: string;
  themes: Record<Preferences['theme'], string>;
  textSize: string;
  textSizes: Record<Preferences['text'], string>;
  language: string;
  languages: Record<Preferences['language'], string>;
  keptInBrowser: string;
  install: string;
  installNow: string;
  installStates: Record<InstallState, string>;

  projector: { browser: string; terminal: string; offline: string; locked: string };

  invite: {
    browsers: string;
    address: string;
    choose: string;
    code: (url: string) => string;
    scan: string;
    onlyHere: string;
    passphrase: string;
    projector: string;
    terminals: string;
    terminalsHint: string;
    copy: string;
    copied: string;
    notCopied: string;
  };

  notices: string;
  sounds: string;
  scopes: Record<Preferences['notices'], string>;
  noticesHint: string;
  noNotices: Record<Exclude<NotificationAccess, 'granted'>, string>;
  allowNotices: string;

  people: {
    yourAddress: string;
    noAddress: string;
    mention: string;
    browsers: string;
    away: string;
    alone: string;
    terminals: string;
    heard: (ago: string) => string;
    noTerminals: string;
    more: (count: number) => string;
    old: string;
    failed: string;
  };

  commands: CommandStrings;
  suggestions: string;
  suggestionsOpen: (count: number) => string;

  pasteQuestion: (lines: number) => string;
  pasteReason: string;
  pasteSend: (messages: number) => string;
  pasteInsert: string;
  pasteJoin: string;
  cancel: string;

  help: { commands: string; literally: readonly Row[]; keys: string; does: readonly Row[] };
}

const es: LazyStrings = {
  login: {
    hint: 'Te la da quien te invitó.',
    remembered: 'Este navegador recordará que entraste.',
    notRemembered: 'Este navegador no guarda nada de esta página: habrá que darla cada vez que se abra.',
    code: 'Contraseña de la sala',
    enter: 'Entrar',
    wrong: 'Esa no es.',
    'too-many': 'Demasiados intentos desde esta red. Prueba dentro de un minuto.',
    failed: 'No se pudo preguntar. Prueba otra vez.',
  },

  searchHint: 'Buscar en la conversación',
  searchStart:
    'Escribe palabras enteras; de la última basta el principio. Mayúsculas y acentos no importan. ' +
    'Chino, japonés, coreano, tailandés y emojis se encuentran en cualquier lugar del texto.',
  searching: 'Buscando…',
  searchFailed: 'No se pudo buscar.',
  searchPartial: 'El índice de los mensajes se está preparando: pueden faltar los más recientes.',
  notFound: (query) => `Nadie ha dicho «${query}».`,
  found: (count, more) =>
    more ? `Los ${count} más recientes` : count === 1 ? '1 mensaje' : `${count} mensajes`,
  moreResults: 'Más resultados',
  placeFailed: 'No se pudo abrir ese lugar de la conversación.',

  theme: 'Colores',
  themes: { system: 'Los del sistema', light: 'Claros', dark: 'Oscuros', contrast: 'Alto contraste' },
  textSize: 'Tamaño del texto',
  textSizes: { small: 'Pequeño', normal: 'Normal', large: 'Grande', huge: 'Muy grande' },
  language: 'Idioma',
  languages: { browser: 'El del navegador', es: 'Español', en: 'English' },
  keptInBrowser: 'Vale para todas las pestañas de este navegador.',
  install: 'Como aplicación',
  installNow: 'Instalar',
  installStates: {
    offered: 'Tertulia se abre entonces en su propia ventana, con su icono.',
    installed: 'Ya está instalada. Se abre también sin conexión, y espera a que vuelva.',
    insecure:
      'No se puede instalar desde aquí: los navegadores lo permiten solo por https o en este mismo equipo (localhost).',
    'not-offered':
      'Este navegador no lo ofrece desde la página. Busca en su menú «Instalar» o «Añadir a pantalla de inicio».',
  },

  projector: {
    browser: 'Entra con el navegador',
    terminal: 'o desde una terminal',
    offline: 'Sin conexión. Lo que se ve es lo último que se oyó.',
    locked:
      'Entra antes con la contraseña en otra pestaña de este navegador, y la conversación aparecerá aquí.',
  },

  invite: {
    browsers: 'Con un navegador',
    address: 'Dirección',
    choose: 'Este ordenador está en varias redes. Elige la de quien invitas.',
    code: (url) => `Código QR de ${url}`,
    scan: 'Apunta con la cámara del móvil, o abre esta dirección:',
    onlyHere:
      'Esta página está abierta con una dirección que solo vale en este ordenador. Ábrela con la que tiene en la red para invitar desde ella.',
    passphrase:
      'Esta sala pide una contraseña: dísela a quien invites. Hace falta en la página, con websocat y con wscat, y no va en la dirección ni en el código.',
    projector: 'Vista para un proyector',
    terminals: 'Desde una terminal',
    terminalsHint: 'Cualquiera de estas líneas entra en la misma sala; con PowerShell, en Windows.',
    copy: 'Copiar',
    copied: 'Copiado',
    notCopied: 'Está seleccionado: cópialo con Ctrl+C',
  },

  notices: 'Avisos de escritorio',
  sounds: 'Sonido',
  scopes: { off: 'No', mentions: 'Si me mencionan', all: 'Con cada mensaje' },
  noticesHint: 'Cuando no miras esta página. Te menciona quien escribe tu nombre o tu dirección.',
  noNotices: {
    default: 'Falta que se lo permitas al navegador.',
    denied: 'El navegador los tiene bloqueados: permítelos en sus ajustes para esta página.',
    insecure:
      'Los navegadores solo los permiten con https o en localhost. El sonido y la cuenta en el título sí funcionan.',
    missing: 'Este navegador no los permite. El sonido y la cuenta en el título sí funcionan.',
  },
  allowNotices: 'Permitir avisos',

  people: {
    yourAddress: 'Tu dirección',
    noAddress: 'sin sitio en la sala todavía',
    mention: 'Elige a alguien para mencionarlo en tu mensaje.',
    browsers: 'Con un navegador',
    away: 'ausente',
    alone: 'Nadie más, de momento.',
    terminals: 'Desde una terminal',
    heard: (ago) => `habló ${ago}`,
    noTerminals: 'Una terminal aparece aquí cuando habla.',
    more: (count) => `Y ${count} más`,
    old: 'Sin conexión: así estaba la sala la última vez.',
    failed: 'No se pudo saber quién está.',
  },

  commands: {
    nick: { name: 'nick', takes: 'Nombre', does: 'hablar con ese nombre' },
    leave: { name: 'salir', does: 'salir de la sala' },
    help: { name: 'ayuda', does: 'órdenes y teclas' },
  },
  suggestions: 'Sugerencias',
  suggestionsOpen: (count) =>
    count === 1 ? '1 sugerencia: Tab la elige' : `${count} sugerencias: flechas, y Tab elige`,

  pasteQuestion: (lines) => `Vas a pegar ${lines} líneas`,
  pasteReason: 'En la sala cada línea es un mensaje aparte.',
  pasteSend: (messages) => `Enviar ${messages} mensajes`,
  pasteInsert: 'Pegar sin enviar',
  pasteJoin: 'Juntar en una línea',
  cancel: 'Cancelar',

  help: {
    commands: 'Órdenes',
    literally: [
      ['salir', 'sola, también sale: como en la terminal'],
      ['//texto', 'dice «/texto» tal cual'],
    ],
    keys: 'Teclas',
    does: [
      ['Enter', 'enviar'],
      ['Shift + Enter', 'otra línea; cada una será un mensaje'],
      ['↑ ↓', 'en una entrada vacía: lo que enviaste antes'],
      ['@', 'nombres y direcciones de quien ha hablado'],
      [':nombre:', 'un emoji, por su nombre en español o en inglés'],
      ['Tab', 'elegir la sugerencia; las flechas la cambian, y después también la elige Enter'],
      ['Esc', 'cerrar; desde la conversación, volver a escribir'],
      ['/ o Ctrl + K', 'buscar, mientras no escribes'],
      ['Alt + ↑ ↓', 'en la conversación: de mensaje en mensaje'],
      ['Fin', 'en la conversación: a lo último'],
    ],
  },
};

const en: LazyStrings = {
  login: {
    hint: 'Whoever invited you knows it.',
    remembered: 'This browser will remember that you entered.',
    notRemembered: 'This browser keeps nothing for this page: you will need it each time you open it.',
    code: 'Passphrase of the room',
    enter: 'Enter',
    wrong: 'That is not it.',
    'too-many': 'Too many tries from this network. Try again in a minute.',
    failed: 'It could not be asked. Try again.',
  },

  searchHint: 'Search the conversation',
  searchStart:
    'Write whole words; of the last one the beginning is enough. Capitals and accents do not matter. ' +
    'Chinese, Japanese, Korean, Thai and emoji are found anywhere in a text.',
  searching: 'Searching…',
  searchFailed: 'The search failed.',
  searchPartial: 'The index of the messages is being built: the newest may be missing.',
  notFound: (query) => `Nobody has said “${query}”.`,
  found: (count, more) => (more ? `The newest ${count}` : count === 1 ? '1 message' : `${count} messages`),
  moreResults: 'More results',
  placeFailed: 'That place in the conversation could not be opened.',

  theme: 'Colours',
  themes: { system: "The system's", light: 'Light', dark: 'Dark', contrast: 'High contrast' },
  textSize: 'Text size',
  textSizes: { small: 'Small', normal: 'Normal', large: 'Large', huge: 'Very large' },
  language: 'Language',
  languages: { browser: "The browser's", es: 'Español', en: 'English' },
  keptInBrowser: 'Holds for all tabs of this browser.',
  install: 'As an app',
  installNow: 'Install',
  installStates: {
    offered: 'Tertulia then opens in a window of its own, with its icon.',
    installed: 'It is installed. It also opens without a connection, and waits for it.',
    insecure:
      'It can not be installed from here: browsers allow it only over https or on this very computer (localhost).',
    'not-offered':
      'This browser does not offer it to the page. Look in its menu for “Install” or “Add to Home Screen”.',
  },

  projector: {
    browser: 'Join with a browser',
    terminal: 'or from a terminal',
    offline: 'No connection. What is shown is the last that was heard.',
    locked:
      'Come in with the passphrase in another tab of this browser first, and the conversation will appear here.',
  },

  invite: {
    browsers: 'With a browser',
    address: 'Address',
    choose: 'This computer is in several networks. Choose the one of whom you invite.',
    code: (url) => `QR code of ${url}`,
    scan: 'Point the camera of a phone at it, or open this address:',
    onlyHere:
      'This page is open at an address that is good on this computer alone. Open it at the one it has in the network to invite from there.',
    passphrase:
      'This room asks for a passphrase: tell it to your guests. The page, websocat and wscat need it, and neither the address nor the code holds it.',
    projector: 'View for a projector',
    terminals: 'From a terminal',
    terminalsHint: 'Any of these lines leads into the same room; on Windows, the one for PowerShell.',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'It is selected: copy it with Ctrl+C',
  },

  notices: 'Desktop notifications',
  sounds: 'Sound',
  scopes: { off: 'Off', mentions: 'When I am mentioned', all: 'For every message' },
  noticesHint:
    'While you are not looking at this page. Whoever writes your name or your address mentions you.',
  noNotices: {
    default: 'The browser still needs your permission.',
    denied: 'The browser blocks them: allow them in its settings for this page.',
    insecure:
      'Browsers only allow them with https or on localhost. Sound and the count in the title do work.',
    missing: 'This browser does not allow them. Sound and the count in the title do work.',
  },
  allowNotices: 'Allow notifications',

  people: {
    yourAddress: 'Your address',
    noAddress: 'no place in the room yet',
    mention: 'Choose somebody to mention them in your message.',
    browsers: 'With a browser',
    away: 'away',
    alone: 'Nobody else, for now.',
    terminals: 'From a terminal',
    heard: (ago) => `spoke ${ago}`,
    noTerminals: 'A terminal appears here when it speaks.',
    more: (count) => `And ${count} more`,
    old: 'No connection: this is how the room was last.',
    failed: 'Who is here could not be found out.',
  },

  commands: {
    nick: { name: 'nick', takes: 'Name', does: 'speak under that name' },
    leave: { name: 'leave', does: 'leave the room' },
    help: { name: 'help', does: 'commands and keys' },
  },
  suggestions: 'Suggestions',
  suggestionsOpen: (count) =>
    count === 1 ? '1 suggestion: Tab takes it' : `${count} suggestions: arrow keys, and Tab takes one`,

  pasteQuestion: (lines) => `You are pasting ${lines} lines`,
  pasteReason: 'In the room each line is a message of its own.',
  pasteSend: (messages) => `Send ${messages} messages`,
  pasteInsert: 'Paste without sending',
  pasteJoin: 'Join into one line',
  cancel: 'Cancel',

  help: {
    commands: 'Commands',
    literally: [
      ['salir', 'alone, leaves too: as in the terminal'],
      ['//text', 'says “/text” as it is'],
    ],
    keys: 'Keys',
    does: [
      ['Enter', 'send'],
      ['Shift + Enter', 'another line; each will be a message'],
      ['↑ ↓', 'in an empty input: what you sent before'],
      ['@', 'names and addresses of who has spoken'],
      [':name:', 'an emoji, by its name'],
      ['Tab', 'take the suggestion; arrow keys change it, and then Enter takes it too'],
      ['Esc', 'close; from the conversation, write again'],
      ['/ or Ctrl + K', 'search, while you are not writing'],
      ['Alt + ↑ ↓', 'in the conversation: from message to message'],
      ['End', 'in the conversation: to the newest'],
    ],
  },
};

export const LAZY_STRINGS = { es, en };
