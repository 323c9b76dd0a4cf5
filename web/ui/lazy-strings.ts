import type { FailReason, RoomTrouble } from '../../gateway/protocol.ts';
import type { JoinRefusal } from '../client/connection-status.ts';
import type { LoginError } from '../client/login.ts';
import type { Preferences } from '../client/preferences.ts';
import type { InstallState } from '../client/pwa-install.ts';
import type { CommandStrings } from '../composer/completion-sources.ts';
import type { Excess } from '../composer/paste-limits.ts';
import type { NotificationAccess } from './desktop-notification.ts';

type Row = readonly [keys: string, does: string];

/** Strings of lazy parts and of rare states. They load after the first screen. */
export interface LazyStrings {
  seeTcp: string;
  /** A card for newcomers to a room where people talk. */
  newcomer: { title: string; lines: readonly string[]; dismiss: string };
  leave: string;
  download: Record<'which' | 'whole' | 'oneDay' | 'day' | 'print' | 'preparing', string> & {
    files: Record<'html' | 'text' | 'jsonl', readonly [name: string, use: string]>;
  };

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
  density: string;
  densities: Record<Preferences['density'], string>;
  language: string;
  languages: Record<Preferences['language'], string>;
  keptInBrowser: string;
  install: string;
  installNow: string;
  installStates: Record<InstallState, string>;

  missing: (count: number) => string;
  missingGone: string;
  loadMissing: string;
  host: Record<
    | 'intro'
    | 'code'
    | 'pause'
    | 'resume'
    | 'beyondReach'
    | 'title'
    | 'pin'
    | 'pinIt'
    | 'pinned'
    | 'set'
    | 'silence'
    | 'letTalk'
    | 'duration'
    | 'noGuests'
    | 'messages'
    | 'hideHint'
    | 'hide'
    | 'show'
    | 'end',
    string
  > & {
    states: Record<'paused' | 'silenced' | 'hasPaused', string>;
    keepsDraft: string;
    emptyRemoves: Record<'title' | 'pin', string>;
    minutes: (count: number) => string;
  };

  projector: Record<
    'browser' | 'terminal' | 'offline' | 'locked' | 'onlyHere' | 'hidden' | 'paused',
    string
  > & {
    here: (people: number) => string;
    frozen: (messages: number) => string;
  };

  invite: {
    browsers: string;
    address: string;
    choose: string;
    code: (url: string) => string;
    scan: string;
    onlyHere: string;
    passphrase: string;
    projector: string;
    projectorKeys: string;
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
    filter: string;
    browsers: string;
    away: string;
    /** Another browser uses this name, as short as possible. */
    sameName: string;
    /** A shorter form of `sameName`, beside the name itself. */
    repeated: string;
    counted: (found: number, all: number) => string;
    alone: string;
    terminals: string;
    heard: (ago: string) => string;
    justNow: string;
    noTerminals: string;
    more: (count: number) => string;
    old: string;
    failed: string;
  };

  failed: Record<FailReason, string>;
  tooMuch: Record<Excess['of'], (count: number, most: number) => string>;
  noFiles: string;
  badNickname: string;
  nowCalled: (nickname: string) => string;
  unknownCommand: (name: string) => string;
  noticesDropped: (bytes: number) => string;
  gap: (since: string, until: string) => string;
  replaced: string;
  restarted: string;
  renamed: (name: string) => string;
  roomLost: string;

  /** The gateway can't read the room. `setting` would probably help. */
  trouble: Record<RoomTrouble, (setting: string | undefined) => string>;
  /** The gateway refuses connections for now. */
  refused: Record<JoinRefusal, string>;
  unsaved: string;
  flood: (from: string) => string;
  saved: string;
  farewell: string;
  farewellHint: string;

  actions: Record<
    | 'more'
    | 'copy'
    | 'quote'
    | 'mention'
    | 'only'
    | 'hide'
    | 'hideForAll'
    | 'showForAll'
    | 'pin'
    | 'showAll'
    | 'lookFurther',
    string
  >;
  /** `isWhole`: the messages are loaded from the first one on. */
  onlyBy: (name: string, count: number, isWhole: boolean) => string;
  /** `count` messages of others are left. */
  hiddenHere: (names: string, count: number, isWhole: boolean) => string;

  commands: CommandStrings;
  suggestions: string;
  suggestionsOpen: (count: number) => string;

  pasteQuestion: (lines: number) => string;
  pasteReason: string;
  pasteSend: (messages: number) => string;
  pasteInsert: string;
  pasteJoin: string;
  cancel: string;

  help: Record<'commands' | 'keys' | 'marks', string> &
    Record<'literally' | 'does' | 'means', readonly Row[]>;
}

const sizeOf = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${Math.ceil(bytes / 1_000_000)} MB`;

const es: LazyStrings = {
  seeTcp: 'Ver TCP',
  newcomer: {
    title: 'Te damos la bienvenida',
    lines: [
      'Toda la sala lee lo que envías, también en terminales.',
      'Pon tu nombre abajo: sin él solo se ve tu dirección.',
      'Arriba: buscar, quién está, invitar y, en «Más», la ayuda.',
    ],
    dismiss: 'Entendido',
  },
  leave: 'Salir',
  download: {
    which: 'Qué parte',
    whole: 'Toda la conversación',
    oneDay: 'Un día',
    day: 'Día',
    files: {
      html: ['Guardar como página (.html)', 'Para leer e imprimir, con el código y los nombres como aquí'],
      text: ['Guardar como texto (.txt)', 'Una línea por mensaje, como en la terminal'],
      jsonl: ['Guardar los datos (.jsonl)', 'Para programas: un objeto JSON por línea'],
    },
    print: 'Imprimir…',
    preparing: 'Preparando…',
  },

  login: {
    hint: 'Pídesela a quien te invitó.',
    remembered: 'Este navegador recordará que entraste.',
    notRemembered:
      'Este navegador no guarda nada de esta página: tendrás que escribir la contraseña cada vez.',
    code: 'Contraseña de la sala',
    enter: 'Entrar',
    wrong: 'Contraseña incorrecta',
    'too-many': 'Demasiados intentos desde esta red. Inténtalo dentro de un minuto.',
    failed: 'No se pudo comprobar. Inténtalo de nuevo.',
  },

  searchHint: 'Buscar en la conversación',
  searchStart:
    'Escribe palabras enteras; de la última basta el principio. Mayúsculas y acentos no importan. ' +
    'Chino, japonés, coreano, tailandés y emojis se encuentran en cualquier lugar del texto.',
  searching: 'Buscando…',
  searchFailed: 'No se pudo buscar.',
  searchPartial: 'El índice de búsqueda se está preparando: pueden faltar los mensajes más recientes.',
  notFound: (query) => `No hay mensajes con «${query}».`,
  found: (count, more) =>
    more ? `Los ${count} más recientes` : count === 1 ? '1 mensaje' : `${count} mensajes`,
  moreResults: 'Más resultados',
  placeFailed: 'No se pudo ir a ese mensaje.',

  theme: 'Tema',
  themes: { system: 'Automático', light: 'Claro', dark: 'Oscuro', contrast: 'Alto contraste' },
  textSize: 'Tamaño del texto',
  textSizes: { small: 'Pequeño', normal: 'Normal', large: 'Grande', huge: 'Muy grande' },
  density: 'Espacio entre mensajes',
  densities: { airy: 'Amplio', normal: 'Medio', compact: 'Compacto' },
  language: 'Idioma',
  languages: { browser: 'Automático', es: 'Español', en: 'English' },
  keptInBrowser: 'Se guarda en este navegador',
  install: 'Instalar como aplicación',
  installNow: 'Instalar',
  installStates: {
    offered: 'Se abrirá en su propia ventana, con su icono.',
    installed: 'Ya está instalada. También se abre sin conexión.',
    insecure:
      'No se puede instalar desde aquí: los navegadores solo lo permiten por https o en este mismo ordenador (localhost).',
    'not-offered':
      'Este navegador no lo ofrece aquí. Busca en su menú «Instalar» o «Añadir a pantalla de inicio».',
  },

  missing: (count) => (count === 1 ? 'Aquí falta 1 mensaje.' : `Aquí faltan ${count} mensajes.`),
  missingGone: 'Ya no hay copia.',
  loadMissing: 'Cargar',
  failed: {
    empty: 'No enviado: el mensaje quedó vacío',
    'too-long': 'No enviado: es demasiado largo',
    left: 'No enviado: ya habías salido',
    closing: 'No enviado: la sala se estaba cerrando',
    paused: 'No enviado: en pausa',
    silenced: 'No enviado: silenciado',
  },
  tooMuch: {
    lines: (count, most) => `No se ha pegado: son ${count} líneas y caben ${most}. Pega solo una parte.`,
    characters: (count, most) =>
      `No se ha pegado: son ${count} caracteres y caben ${most}. Pega solo una parte.`,
  },
  noFiles: 'La sala solo lleva texto. Sube el archivo a otro sitio y pega aquí el enlace.',
  badNickname: 'De 1 a 24 caracteres, sin < ni >.',
  nowCalled: (nickname) => `Ahora te llamas ${nickname}.`,
  unknownCommand: (name) =>
    `El comando /${name} no existe. Mira /ayuda, o escribe //${name} para enviarlo como texto.`,
  noticesDropped: (bytes) => `El servidor te envió demasiado: aquí faltan ${sizeOf(bytes)}`,
  gap: (since, until) => `Sin conexión con la sala de ${since} a ${until}: pueden faltar mensajes`,
  replaced: 'Otra pestaña ocupa tu sitio: aquí has entrado como alguien nuevo',
  restarted: 'La conversación empieza de cero',
  renamed: (name) => `En la sala te llamas ${name}`,
  roomLost: 'La sala dejó de responder',

  trouble: {
    asks: (setting = 'ROOM_LOGIN') =>
      'El servidor de la sala pide algo a quien entra, quizá un nombre, y Tertulia aún no sabe contestarle. ' +
      `Puede tomar por nombre lo primero que envíes. Quien administra la página puede probar ${setting}`,
    format: (setting = 'ROOM_FORMAT') =>
      'El formato de la sala no es el que Tertulia espera, y los mensajes no se ven. ' +
      `Quien administra la página puede probar ${setting}`,
    name: () => 'Esta sala pide un nombre: escribe el tuyo para entrar',
  },
  refused: {
    full: 'La sala está llena. Reintentando…',
    crowded: 'Hay demasiadas conexiones desde esta red. Reintentando…',
    foreign: 'El servidor no admite esta dirección. Quien lo administra debe añadirla a ALLOWED_HOSTS.',
    blocked: 'La página carga, pero la conversación no: un proxy corta los WebSockets (Upgrade)',
  },
  flood: (from) =>
    `${from || 'Alguien'} envía líneas más deprisa de lo que se pueden leer: se juntan en mensajes largos`,
  unsaved: 'El servidor no puede guardar en su disco: lo que se envíe ahora puede perderse si se reinicia',
  saved: 'El servidor vuelve a guardar la conversación',
  farewell: 'Has salido de la tertulia.',
  farewellHint: 'Tu silla te espera',

  host: {
    intro:
      'Quien es anfitrión puede ocultar mensajes, silenciar o pausar los navegadores, fijar una línea y poner título a la sala.',
    code: 'Contraseña de anfitrión',
    pause: 'Pausar los navegadores',
    resume: 'Terminar la pausa',
    beyondReach:
      'Las terminales no se pueden pausar ni silenciar: se conectan a la sala sin pasar por aquí. Sus mensajes sí se pueden ocultar en las páginas.',
    title: 'Título de la sala',
    pin: 'Línea fijada',
    pinIt: 'Fijar',
    pinned: 'Fijado:',
    set: 'Poner',
    silence: 'Silenciar',
    letTalk: 'Quitar el silencio',
    duration: 'Durante',
    noGuests: 'No hay más navegadores en la sala.',
    messages: 'Últimos mensajes',
    hideHint:
      'Un mensaje oculto desaparece de las páginas, el proyector, las búsquedas y las descargas de los demás. En las terminales ya se ha visto.',
    hide: 'Ocultar',
    show: 'Mostrar',
    end: 'Dejar de ser anfitrión',
    states: {
      paused: 'La sala está en pausa: ahora toca escuchar.',
      silenced: 'Te han silenciado un rato.',
      hasPaused: 'Has puesto la sala en pausa: los demás navegadores no pueden enviar.',
    },
    keepsDraft: 'Puedes seguir escribiendo y enviarlo después.',
    emptyRemoves: { title: 'Vacío: el título de siempre.', pin: 'Vacía: se quita.' },
    minutes: (count) => (count === 1 ? '1 minuto' : `${count} minutos`),
  },

  projector: {
    paused: 'Ahora toca escuchar',
    browser: 'Entra con el navegador',
    terminal: 'o desde una terminal',
    offline: 'Sin conexión. Puede faltar lo más reciente.',
    onlyHere:
      'Abre esta vista con la dirección de red de este ordenador, no con localhost. Entonces mostrará aquí cómo entrar.',
    hidden: 'Mensajes ocultos. Pulsa H para mostrarlos.',
    here: (people) => (people === 1 ? '1 persona' : `${people} personas`),
    frozen: (messages) =>
      messages === 0
        ? 'En pausa'
        : messages === 1
          ? 'En pausa · 1 mensaje nuevo'
          : `En pausa · ${messages} mensajes nuevos`,
    locked: 'Escribe la contraseña en otra pestaña de este navegador; la conversación aparecerá aquí.',
  },

  invite: {
    browsers: 'Con un navegador',
    address: 'Dirección',
    choose: 'El servidor está en varias redes. Elige la que usan tus invitados.',
    code: (url) => `Código QR de ${url}`,
    scan: 'Escanéalo con el móvil o abre esta dirección:',
    onlyHere: 'localhost solo vale en este ordenador. Para invitar, abre la página con su dirección de red.',
    passphrase:
      'Esta sala pide una contraseña: dísela a quien invites. No va incluida en la dirección ni en el QR.',
    projector: 'Vista para proyector',
    projectorKeys:
      'En ella, Espacio pausa, + y − cambian el tamaño, H oculta los mensajes y T abre «Ver TCP».',
    terminals: 'Desde una terminal',
    terminalsHint: 'Pega una de estas líneas en una terminal. En Windows, la de PowerShell.',
    copy: 'Copiar',
    copied: 'Copiado',
    notCopied: 'Está seleccionado: cópialo con Ctrl+C',
  },

  notices: 'Notificaciones',
  sounds: 'Sonido',
  scopes: { off: 'Nunca', mentions: 'Cuando me mencionan', all: 'Todos los mensajes' },
  noticesHint: 'Solo mientras no miras esta página. Te menciona quien escribe tu nombre o tu dirección.',
  noNotices: {
    default: 'El navegador aún necesita tu permiso.',
    denied: 'El navegador las tiene bloqueadas: permítelas en sus ajustes para esta página.',
    insecure:
      'Los navegadores solo las permiten con https o en localhost. El sonido y el contador del título sí funcionan.',
    missing: 'Este navegador no las permite. El sonido y el contador del título sí funcionan.',
  },
  allowNotices: 'Permitir notificaciones',

  people: {
    yourAddress: 'Tu dirección',
    noAddress: 'entrando…',
    mention: 'Toca a alguien para mencionarlo',
    filter: 'Filtrar personas',
    browsers: 'Navegadores',
    away: 'ausente',
    sameName: 'nombre repetido',
    repeated: 'repetido',
    counted: (found, all) => `${found} de ${all}`,
    alone: 'Nadie más, de momento.',
    terminals: 'Terminales recientes',
    heard: (ago) => `escribió ${ago}`,
    justNow: 'ahora mismo',
    noTerminals: 'Una terminal aparece aquí cuando envía algo.',
    more: (count) => `Y ${count} más`,
    old: 'Sin conexión: la lista puede estar anticuada.',
    failed: 'No se pudo cargar la lista',
  },

  actions: {
    more: 'Qué hacer con este mensaje',
    copy: 'Copiar',
    quote: 'Citar',
    mention: 'Mencionar',
    only: 'Solo esta persona',
    hide: 'Ocultar a esta persona aquí',
    hideForAll: 'Ocultar este mensaje a todos',
    showForAll: 'Volver a mostrarlo a todos',
    pin: 'Fijarlo arriba',
    showAll: 'Ver a todos',
    lookFurther: 'Buscar más atrás',
  },
  onlyBy: (name, count, isWhole) => {
    if (count === 0)
      return isWhole ? `No hay mensajes de ${name}` : `Ningún mensaje de ${name} entre los cargados`;
    const found = count === 1 ? '1 mensaje' : `${count} mensajes`;
    return `Solo ${name}: ${found}${isWhole ? '' : ' entre los cargados'}`;
  },
  hiddenHere: (names, count, isWhole) => {
    const rest = isWhole ? 'No hay mensajes de nadie más' : 'Entre los cargados no hay más mensajes';
    return count === 0 ? `Ocultos aquí: ${names}. ${rest}` : `Ocultos aquí: ${names}`;
  },

  commands: {
    nick: { name: 'nick', takes: 'Nombre', does: 'cambiar de nombre' },
    leave: { name: 'salir', does: 'salir de la sala' },
    help: { name: 'ayuda', does: 'comandos y teclas' },
  },
  suggestions: 'Sugerencias',
  suggestionsOpen: (count) =>
    count === 1 ? '1 sugerencia: Tab la elige' : `${count} sugerencias: las flechas recorren, Tab elige`,

  pasteQuestion: (lines) => `Vas a pegar ${lines} líneas`,
  pasteReason: 'En la sala, cada línea es un mensaje aparte.',
  pasteSend: (messages) => `Enviar ${messages} mensajes`,
  pasteInsert: 'Pegar sin enviar',
  pasteJoin: 'Unir en una línea',
  cancel: 'Cancelar',

  help: {
    commands: 'Comandos',
    literally: [
      ['salir', 'escrito solo, también sale, como en la terminal'],
      ['//texto', 'envía «/texto» como texto'],
    ],
    keys: 'Teclas',
    does: [
      ['Enter', 'enviar'],
      ['Shift + Enter', 'nueva línea; cada una será un mensaje'],
      ['↑ ↓', 'con el campo vacío: lo que enviaste antes'],
      ['@', 'nombres y direcciones de quienes han escrito'],
      [':nombre:', 'un emoji, por su nombre en español o en inglés'],
      ['Tab', 'elegir la sugerencia; si la cambias con las flechas, también la elige Enter'],
      ['Esc', 'cerrar; desde la conversación, volver a escribir'],
      ['/ o Ctrl + K', 'buscar, si no estás escribiendo'],
      ['Alt + ↑ ↓', 'en la conversación: de un mensaje a otro'],
      ['Fin', 'en la conversación: ir al final'],
      ['Enter', 'en un mensaje: copiar, citar, mencionar, ocultar'],
    ],
    marks: 'Marcas',
    means: [
      ['✓', 'la sala lo ha repetido'],
      ['- - -', 'borde discontinuo: en camino'],
      ['?', 'suplantado: esa dirección no lo envió'],
      ['>_', 'terminal'],
    ],
  },
};

const en: LazyStrings = {
  seeTcp: 'See TCP',
  newcomer: {
    title: 'Welcome',
    lines: [
      'Everyone in the room reads what you send, in terminals too.',
      'Enter your name below, or others only see your address.',
      'At the top: search, who is here, invite and, in “More”, help.',
    ],
    dismiss: 'Got it',
  },
  leave: 'Leave',
  download: {
    which: 'Which part',
    whole: 'The whole conversation',
    oneDay: 'One day',
    day: 'Day',
    files: {
      html: ['Save as a page (.html)', 'To read and print, with code and names as here'],
      text: ['Save as text (.txt)', 'One line per message, as in a terminal'],
      jsonl: ['Save the data (.jsonl)', 'For programs: one JSON object per line'],
    },
    print: 'Print…',
    preparing: 'Preparing…',
  },

  login: {
    hint: 'Ask whoever invited you.',
    remembered: 'This browser will remember that you entered.',
    notRemembered: 'This browser stores nothing for this page: you will need the passphrase each time.',
    code: 'Room passphrase',
    enter: 'Enter',
    wrong: 'Wrong passphrase',
    'too-many': 'Too many attempts from this network. Try again in a minute.',
    failed: 'Could not check it. Try again.',
  },

  searchHint: 'Search the conversation',
  searchStart:
    'Write whole words; the beginning of the last one is enough. Capitals and accents don’t matter. ' +
    'Chinese, Japanese, Korean, Thai and emoji are found anywhere in a text.',
  searching: 'Searching…',
  searchFailed: 'The search failed.',
  searchPartial: 'The search index is being built: the latest messages may be missing.',
  notFound: (query) => `No messages with “${query}”.`,
  found: (count, more) => (more ? `Latest ${count}` : count === 1 ? '1 message' : `${count} messages`),
  moreResults: 'More results',
  placeFailed: 'Could not jump to that message.',

  theme: 'Theme',
  themes: { system: 'Automatic', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
  textSize: 'Text size',
  textSizes: { small: 'Small', normal: 'Normal', large: 'Large', huge: 'Very large' },
  density: 'Space between messages',
  densities: { airy: 'Wide', normal: 'Medium', compact: 'Compact' },
  language: 'Language',
  languages: { browser: 'Automatic', es: 'Español', en: 'English' },
  keptInBrowser: 'Saved in this browser',
  install: 'Install as an app',
  installNow: 'Install',
  installStates: {
    offered: 'Opens in its own window, with its own icon.',
    installed: 'Installed. It opens offline too.',
    insecure:
      'It can’t be installed from here: browsers only allow it over https or on this computer (localhost).',
    'not-offered':
      'This browser does not offer it here. Look in its menu for “Install” or “Add to Home Screen”.',
  },

  missing: (count) => (count === 1 ? '1 message is missing here.' : `${count} messages are missing here.`),
  missingGone: 'No longer kept.',
  loadMissing: 'Load',
  failed: {
    empty: 'Not sent: empty',
    'too-long': 'Not sent: too long',
    left: 'Not sent: you had left',
    closing: 'Not sent: the room was closing',
    paused: 'Not sent: paused',
    silenced: 'Not sent: silenced',
  },
  tooMuch: {
    lines: (count, most) => `Not pasted: it has ${count} lines, and ${most} fit. Paste only part of it.`,
    characters: (count, most) =>
      `Not pasted: it has ${count} characters, and ${most} fit. Paste only part of it.`,
  },
  noFiles: 'The room carries text only. Upload the file elsewhere and paste its link here.',
  badNickname: '1 to 24 characters, without < or >.',
  nowCalled: (nickname) => `You are now ${nickname}.`,
  unknownCommand: (name) => `Unknown command /${name}. See /help, or write //${name} to send it as text.`,
  noticesDropped: (bytes) => `The server sent you too much: ${sizeOf(bytes)} missing here`,
  gap: (since, until) => `Disconnected from the room from ${since} to ${until}: messages may be missing`,
  replaced: 'Another tab took your place: here you joined as someone new',
  restarted: 'The conversation starts over',
  renamed: (name) => `In the room you are ${name}`,
  roomLost: 'The room stopped responding',

  trouble: {
    asks: (setting = 'ROOM_LOGIN') =>
      'The room’s server asks everyone for something first, perhaps a name, and Tertulia can’t answer it yet. ' +
      `It may take the first thing you send as your name. Whoever runs this page can try ${setting}`,
    format: (setting = 'ROOM_FORMAT') =>
      'The room’s format is not the one Tertulia expects, so messages don’t show. ' +
      `Whoever runs this page can try ${setting}`,
    name: () => 'This room asks for a name: enter yours to join',
  },
  refused: {
    full: 'The room is full. Retrying…',
    crowded: 'Too many connections from this network. Retrying…',
    foreign: 'The server does not accept this address. Ask whoever runs it to add it to ALLOWED_HOSTS.',
    blocked: 'The page loads, but the conversation does not: a proxy blocks WebSockets (Upgrade)',
  },
  flood: (from) =>
    `${from || 'Someone'} sends lines faster than anyone can read: they are joined into long messages`,
  unsaved: 'The server can’t write to its disk: what is sent now may be lost if it restarts',
  saved: 'The server is saving the conversation again',
  farewell: 'You left the tertulia.',
  farewellHint: 'Your chair is waiting',

  host: {
    intro: 'A host can hide messages, silence or pause browsers, pin a line and set the title of the room.',
    code: 'Host’s passphrase',
    pause: 'Pause all browsers',
    resume: 'End the pause',
    beyondReach:
      'Terminals can’t be paused or silenced: they connect to the room directly. Their messages can be hidden on pages.',
    title: 'Title of the room',
    pin: 'Pinned line',
    pinIt: 'Pin',
    pinned: 'Pinned:',
    set: 'Set',
    silence: 'Silence',
    letTalk: 'End silence',
    duration: 'Duration',
    noGuests: 'No other browsers are in the room.',
    messages: 'Latest messages',
    hideHint:
      'A hidden message disappears from everyone else’s page, the projector, searches and downloads. Terminals have shown it already.',
    hide: 'Hide',
    show: 'Show',
    end: 'Stop being a host',
    states: {
      paused: 'The room is paused: time to listen.',
      silenced: 'You have been silenced for a while.',
      hasPaused: 'You have paused the room: other browsers can’t send.',
    },
    keepsDraft: 'You can keep writing, and send it later.',
    emptyRemoves: { title: 'Empty: the usual title.', pin: 'Empty: no pinned line.' },
    minutes: (count) => (count === 1 ? '1 minute' : `${count} minutes`),
  },

  projector: {
    paused: 'Time to listen',
    browser: 'Join with a browser',
    terminal: 'or from a terminal',
    offline: 'Offline. The latest messages may be missing.',
    onlyHere:
      'Open this view at the network address of this computer, not at localhost. It will then show here how to join.',
    hidden: 'Messages are hidden. Press H to show them.',
    here: (people) => (people === 1 ? '1 person' : `${people} people`),
    frozen: (messages) =>
      messages === 0
        ? 'Paused'
        : messages === 1
          ? 'Paused · 1 new message'
          : `Paused · ${messages} new messages`,
    locked: 'Enter the passphrase in another tab of this browser; the conversation will then appear here.',
  },

  invite: {
    browsers: 'With a browser',
    address: 'Address',
    choose: 'The server is on several networks. Pick the one your guests use.',
    code: (url) => `QR code of ${url}`,
    scan: 'Scan it with a phone, or open this address:',
    onlyHere: 'localhost only works on this computer. To invite, open the page at its network address.',
    passphrase:
      'This room needs a passphrase: give it to your guests. It is not part of the address or the QR code.',
    projector: 'Projector view',
    projectorKeys:
      'There, Space pauses, + and − change the size, H hides the messages, and T opens “See TCP”.',
    terminals: 'From a terminal',
    terminalsHint: 'Paste one of these into a terminal. On Windows, the PowerShell one.',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'Selected: copy it with Ctrl+C',
  },

  notices: 'Notifications',
  sounds: 'Sound',
  scopes: { off: 'Off', mentions: 'When I am mentioned', all: 'All messages' },
  noticesHint:
    'Only while you are not looking at this page. Whoever writes your name or address mentions you.',
  noNotices: {
    default: 'The browser still needs your permission.',
    denied: 'The browser blocks them: allow them in its settings for this page.',
    insecure:
      'Browsers only allow them over https or on localhost. The sound and the counter in the title still work.',
    missing: 'This browser does not allow them. The sound and the counter in the title still work.',
  },
  allowNotices: 'Allow notifications',

  people: {
    yourAddress: 'Your address',
    noAddress: 'joining…',
    mention: 'Pick someone to mention them',
    filter: 'Filter people',
    browsers: 'Browsers',
    away: 'away',
    sameName: 'same name',
    repeated: 'same name',
    counted: (found, all) => `${found} of ${all}`,
    alone: 'Nobody else for now.',
    terminals: 'Recent terminals',
    heard: (ago) => `wrote ${ago}`,
    justNow: 'just now',
    noTerminals: 'A terminal appears here once it sends something.',
    more: (count) => `And ${count} more`,
    old: 'Offline: this is who was here last.',
    failed: 'Could not load the list',
  },

  actions: {
    more: 'Actions for this message',
    copy: 'Copy',
    quote: 'Quote',
    mention: 'Mention',
    only: 'Only this person',
    hide: 'Hide this person here',
    hideForAll: 'Hide this message for everyone',
    showForAll: 'Show it to everyone again',
    pin: 'Pin it at the top',
    showAll: 'Show everyone',
    lookFurther: 'Look further back',
  },
  onlyBy: (name, count, isWhole) => {
    if (count === 0) return isWhole ? `No messages by ${name}` : `No loaded messages by ${name}`;
    const found = count === 1 ? '1 message' : `${count} messages`;
    return `Only ${name}: ${found}${isWhole ? '' : ' among those loaded'}`;
  },
  hiddenHere: (names, count, isWhole) => {
    const rest = isWhole ? 'Nobody else has written' : 'No other messages are loaded';
    return count === 0 ? `Hidden here: ${names}. ${rest}` : `Hidden here: ${names}`;
  },

  commands: {
    nick: { name: 'nick', takes: 'Name', does: 'change your name' },
    leave: { name: 'leave', does: 'leave the room' },
    help: { name: 'help', does: 'commands and keys' },
  },
  suggestions: 'Suggestions',
  suggestionsOpen: (count) =>
    count === 1 ? '1 suggestion: Tab picks it' : `${count} suggestions: arrow keys move, Tab picks`,

  pasteQuestion: (lines) => `You are pasting ${lines} lines`,
  pasteReason: 'In the room, each line is a message of its own.',
  pasteSend: (messages) => `Send ${messages} messages`,
  pasteInsert: 'Paste without sending',
  pasteJoin: 'Join into one line',
  cancel: 'Cancel',

  help: {
    commands: 'Commands',
    literally: [
      ['salir', 'on its own, also leaves, as in the terminal'],
      ['//text', 'sends “/text” as text'],
    ],
    keys: 'Keys',
    does: [
      ['Enter', 'send'],
      ['Shift + Enter', 'new line; each will be a message'],
      ['↑ ↓', 'in an empty field: recall what you sent'],
      ['@', 'names and addresses of those who have written'],
      [':name:', 'an emoji, by its name'],
      ['Tab', 'pick the suggestion; after the arrow keys, Enter picks it too'],
      ['Esc', 'close; from the conversation, back to writing'],
      ['/ or Ctrl + K', 'search, unless you are writing'],
      ['Alt + ↑ ↓', 'in the conversation: from one message to the next'],
      ['End', 'in the conversation: jump to latest'],
      ['Enter', 'on a message: copy, quote, mention, hide'],
    ],
    marks: 'Marks',
    means: [
      ['✓', 'the room has repeated it'],
      ['- - -', 'dashed border: on its way'],
      ['?', 'impersonated: that address did not send it'],
      ['>_', 'a terminal'],
    ],
  },
};

export const LAZY_STRINGS = { es, en };
