/**
 * The texts of the command, in one language per run.
 */
import type { Problem } from '../common/env.ts';

/** How a program ended. */
export interface Ending {
  /** The exit code as a shell reports it. */
  exitCode: number;
  signal?: NodeJS.Signals;
  /** The reason, if the system could not start it. */
  error?: string;
}

export interface Texts {
  theRoom: string;
  theGateway: string;
  roomIsOpen: string;
  browsers: string;
  terminals: string;
  stop: string;
  joined: string;
  left: string;
  joinedFromTerminal: string;
  roomSilent: (room: string) => string;
  ended: (name: string, ending: Ending) => string;
  notReady: (name: string, seconds: number) => string;
  killed: (name: string, seconds: number) => string;
  roomPortTaken: (port: string, gatewayCommand: string) => string;
  pagePortTaken: (port: string) => string;
  noDataDir: (folder: string, reason: string) => string;
  unknownFlag: (flag: string) => string;
  unknownCommand: (command: string) => string;
  unexpected: (argument: string) => string;
  needsValue: (flag: string) => string;
  unknownName: (name: string, file: string) => string;
  renamed: (old: string, name: string) => string;
  badRoom: (text: string) => string;
  badLearn: (text: string) => string;
  learning: (room: string) => string;
  trying: (login: string, say: string, framing: string) => string;
  notReached: (room: string, reason: string) => string;
  nothingLearned: string;
  greets: (text: string) => string;
  saw: (line: string) => string;
  isSure: string;
  isUnsure: string;
  leaveUnnoticed: string;
  leaveFloods: string;
  leavesBy: (bye: string) => string;
  saved: (file: string) => string;
  badFile: (file: string, reason: string) => string;
  didYouMean: (name: string) => string;
  oneOf: (items: readonly string[]) => string;
  /** Says which values a setting accepts. */
  requirement: (problem: Problem) => string;
  helpHint: string;
  /** Lines above the settings of `--help`. */
  usage: string;
  /** Lines below the settings of `--help`. */
  options: string;
  fromDefault: string;
  fromEnvironment: string;
  fromFlag: (flag: string) => string;
}

const en: Texts = {
  theRoom: 'The room',
  theGateway: 'The gateway',
  roomIsOpen: 'The room is open.',
  browsers: 'Browsers',
  terminals: 'Terminals',
  stop: 'Stop',
  joined: 'joined',
  left: 'left',
  joinedFromTerminal: 'joined from a terminal',
  roomSilent: (room) => `No room answers at ${room} yet. The gateway retries.`,
  ended: (name, { error, signal, exitCode }) => {
    if (error !== undefined) return `${name} could not be started: ${error}`;
    return signal ? `${name} was ended by ${signal}` : `${name} ended with exit code ${exitCode}`;
  },
  notReady: (name, seconds) => `${name} was not ready within ${seconds} s.`,
  killed: (name, seconds) => `${name} did not end within ${seconds} s: killed.`,
  roomPortTaken: (port, gatewayCommand) =>
    `Port ${port} is in use: a server runs there already. Stop it, or set TCP_PORT to another port, or run ` +
    `\`${gatewayCommand}\` to bring browsers into the room of the server that runs there.`,
  pagePortTaken: (port) => `Port ${port} is in use. Stop what runs there, or set HTTP_PORT to another port.`,
  noDataDir: (folder, reason) => `Could not write to the data folder ${folder}: ${reason}`,
  unknownFlag: (flag) => `Unknown flag ${flag}.`,
  unknownCommand: (command) => `Unknown command ${command}.`,
  unexpected: (argument) => `Unexpected argument ${argument}.`,
  needsValue: (flag) => `${flag} needs a value.`,
  unknownName: (name, file) => `${file}: unknown setting ${name}.`,
  renamed: (old, name) => `${old} is now called ${name}.`,
  badRoom: (text) => `--room ${text}: must be HOST:PORT, for example 192.168.1.20:12345.`,
  badLearn: (text) => `learn ${text}: must be HOST:PORT, for example 192.168.1.20:12345.`,
  learning: (room) =>
    `Entering the room at ${room} twice, with made-up names, to say a few made-up words. Everybody there sees it.`,
  trying: (login, say, framing) =>
    `Trying the login ${login} and messages as ${say}${framing === 'lines' ? '' : ` in frames: ${framing}`}`,
  notReached: (room, reason) => `No server answers at ${room}: ${reason}`,
  nothingLearned:
    'No way to talk was found: no word came out on the other side. If the server asks for a password, pass the login: ' +
    "--room-login 'PASSWORD\\n{name}\\n'. Some servers do not send lines: docs/servers.md",
  greets: (text) => `The server greets: ${JSON.stringify(text)}`,
  saw: (line) => `A message came as: ${JSON.stringify(line)}`,
  isSure: 'These settings read both messages with their senders.',
  isUnsure: 'These settings are a guess, because they do not read both messages with their senders.',
  leaveUnnoticed:
    'The server did not notice that a connection left. If it has a word for that, set ROOM_BYE to it.',
  leaveFloods:
    'The server repeats an empty message for ever since a connection closed: start it again. With ROOM_BYE=reset ' +
    'connections leave by a reset, which makes its read fail.',
  leavesBy: (bye) => `The server notices a connection that leaves with ${bye}.`,
  saved: (file) => `Saved in ${file}.`,
  badFile: (file, reason) => `${file}: ${reason}`,
  didYouMean: (name) => `Did you mean ${name}?`,
  oneOf: (items) => `must be one of ${items.join(', ')}`,
  requirement: ({ means }) => means,
  helpHint: 'tertulia --help shows the flags.',
  usage: `A TCP chat room for terminals and browsers.

  tertulia                        the room and the page
  tertulia --room HOST:PORT       the page, in front of a room that runs
  tertulia room [--mode echo]     the room alone
  tertulia client [HOST[:PORT]]   a terminal in the room
  tertulia learn HOST:PORT        finds the settings for another room
  tertulia check -- COMMAND       a report on a chat server that you wrote
`,
  options: `  --config FILE        settings in JSON; otherwise tertulia.json, if it exists
  --log-format FORMAT  text for people, json for programs
  --print-config       the settings in force, and where each comes from
  --help all           all settings      --version            the version`,
  fromDefault: 'default',
  fromEnvironment: 'environment',
  fromFlag: (flag) => `flag ${flag}`,
};

const TYPES_ES: Record<string, string> = {
  integer: 'un número entero',
  number: 'un número',
  boolean: 'true o false',
};

/** The texts of common/env.ts. */
const REQUIREMENTS_ES: Record<string, (limit: string) => string> = {
  type: (type) => `debe ser ${TYPES_ES[type] ?? type}`,
  finite: () => 'debe ser un número finito',
  minimum: (limit) => `debe ser ${limit} o más`,
  maximum: (limit) => `debe ser ${limit} o menos`,
  exclusiveMinimum: (limit) => `debe ser mayor que ${limit}`,
  maxLength: (limit) => `debe tener ${limit} caracteres o menos`,
  pattern: (pattern) => `debe cumplir el patrón "${pattern}"`,
  networks: () => 'deben ser direcciones y redes como 10.0.0.7, 192.168.0.0/16, fd00::/8',
  origins: () => 'deben ser orígenes como https://chat.example.org, sin ruta',
  hosts: () => 'deben ser nombres de host como chat.example.org, sin esquema ni puerto',
  passphrase: () => 'debe contener algo más que espacios, que no se ven',
};

const es: Texts = {
  theRoom: 'La sala',
  theGateway: 'La pasarela',
  roomIsOpen: 'La sala está abierta.',
  browsers: 'Navegadores',
  terminals: 'Terminales',
  stop: 'Detener',
  joined: 'ha entrado',
  left: 'ha salido',
  joinedFromTerminal: 'ha entrado desde una terminal',
  roomSilent: (room) => `Todavía no responde ninguna sala en ${room}. La pasarela lo sigue intentando.`,
  ended: (name, { error, signal, exitCode }) => {
    if (error !== undefined) return `${name} no se pudo iniciar: ${error}`;
    return signal ? `${name} terminó por la señal ${signal}` : `${name} terminó con el código ${exitCode}`;
  },
  notReady: (name, seconds) => `${name} no estuvo lista en ${seconds} s.`,
  killed: (name, seconds) => `${name} no terminó en ${seconds} s: se cerró a la fuerza.`,
  roomPortTaken: (port, gatewayCommand) =>
    `El puerto ${port} está ocupado: ahí ya hay un servidor. Deténlo, o pon otro puerto en TCP_PORT, o usa ` +
    `\`${gatewayCommand}\` para llevar los navegadores a la sala de ese servidor.`,
  pagePortTaken: (port) =>
    `El puerto ${port} está ocupado. Detén lo que lo usa, o pon otro puerto en HTTP_PORT.`,
  noDataDir: (folder, reason) => `No se puede escribir en la carpeta de datos ${folder}: ${reason}`,
  unknownFlag: (flag) => `Opción desconocida: ${flag}.`,
  unknownCommand: (command) => `Orden desconocida: ${command}.`,
  unexpected: (argument) => `Sobra el argumento ${argument}.`,
  needsValue: (flag) => `A ${flag} le falta un valor.`,
  unknownName: (name, file) => `${file}: ajuste desconocido ${name}.`,
  renamed: (old, name) => `${old} ahora se llama ${name}.`,
  badRoom: (text) => `--room ${text}: debe ser HOST:PUERTO, por ejemplo 192.168.1.20:12345.`,
  badLearn: (text) => `learn ${text}: debe ser HOST:PUERTO, por ejemplo 192.168.1.20:12345.`,
  learning: (room) =>
    `Se entra dos veces en la sala de ${room}, con nombres inventados, para decir unas palabras inventadas. Todos lo verán.`,
  trying: (login, say, framing) =>
    `Prueba: entrar con ${login} y enviar mensajes como ${say}${framing === 'lines' ? '' : ` en tramas: ${framing}`}`,
  notReached: (room, reason) => `Ningún servidor responde en ${room}: ${reason}`,
  nothingLearned:
    'No se encontró cómo hablar: ninguna palabra llegó al otro lado. Si el servidor pide una contraseña, indica cómo se ' +
    "entra: --room-login 'CONTRASEÑA\\n{name}\\n'. Algunos servidores no envían líneas: docs/servers.md",
  greets: (text) => `El servidor saluda: ${JSON.stringify(text)}`,
  saw: (line) => `Un mensaje llegó así: ${JSON.stringify(line)}`,
  isSure: 'Con estos ajustes se leen los dos mensajes y quién los envió.',
  isUnsure: 'Estos ajustes son una suposición: con ellos no se lee quién envió los dos mensajes.',
  leaveUnnoticed:
    'El servidor no notó que una conexión se fue. Si tiene una palabra para salir, ponla en ROOM_BYE.',
  leaveFloods:
    'El servidor repite sin fin un mensaje vacío desde que se cerró una conexión: vuelve a iniciarlo. Con ' +
    'ROOM_BYE=reset las conexiones se cortan de golpe (RST), y así falla su lectura.',
  leavesBy: (bye) => `El servidor nota que una conexión se va con ${bye}.`,
  saved: (file) => `Guardado en ${file}.`,
  badFile: (file, reason) => `${file}: ${reason}`,
  didYouMean: (name) => `¿Querías decir ${name}?`,
  oneOf: (items) => `debe ser uno de ${items.join(', ')}`,
  requirement: ({ rule, limit, means }) => REQUIREMENTS_ES[rule]?.(limit) ?? means,
  helpHint: 'tertulia --help muestra las opciones.',
  usage: `Una sala de chat por TCP para terminales y navegadores.

  tertulia                        la sala y la página
  tertulia --room HOST:PUERTO     la página, delante de una sala en marcha
  tertulia room [--mode echo]     solo la sala
  tertulia client [HOST[:PUERTO]] una terminal en la sala
  tertulia learn HOST:PUERTO      averigua los ajustes para otra sala
  tertulia check -- ORDEN         un informe sobre un servidor de chat tuyo
`,
  options: `  --config ARCHIVO     ajustes en JSON; si no, tertulia.json, si existe
  --log-format FORMATO text para personas, json para programas
  --print-config       los ajustes en vigor y de dónde sale cada uno
  --help all           todos los ajustes --version            la versión`,
  fromDefault: 'por defecto',
  fromEnvironment: 'entorno',
  fromFlag: (flag) => `opción ${flag}`,
};

export const TEXTS = { en, es };

export type Language = keyof typeof TEXTS;

/** The first variable that is set decides, as for other programs. Windows sets none. */
export function languageOf({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Language {
  const locale = LC_ALL || LC_MESSAGES || LANG || Intl.DateTimeFormat().resolvedOptions().locale;
  return /^es\b|^es_/i.test(locale) ? 'es' : 'en';
}
