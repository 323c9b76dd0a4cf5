import type { SeenConnection } from '../../gateway/protocol.ts';
import { t } from '../ui/i18n.ts';
import type { FeedState } from './wire-feed.ts';
import type { PartCut } from './wire-log.ts';

/** Strings of See TCP. */
export interface WireStrings {
  title: string;
  stop: string;
  /** Undefined while there is something to see. */
  states: Record<Exclude<FeedState, 'watching'>, string>;
  empty: string;
  reads: string;
  read: (bytes: number, messages: number, ms: string | undefined) => string;
  loss: string;
  legend: string;
  connections: string;
  columns: Record<'kind' | 'address' | 'ports' | 'state' | 'read' | 'written' | 'age', string>;
  kinds: Record<SeenConnection['kind'], string>;
  you: string;
  connectionStates: Record<SeenConnection['state'], string>;

  bytes: (count: number) => string;
  inReads: (count: number) => string;
  writes: (count: number, bytes: number, ms: string) => string;
  glued: (count: number) => string;
  cut: Record<PartCut['inside'], (count: number) => string>;
  cutHere: (ms: string) => string;
  noEnd: string;
  runsOn: string;
  lines: (count: number) => string;
  details: string;
  hex: string;
  hidden: string;
  rest: (bytes: number) => string;
}

function times(count: number, once: string): string {
  return count === 1 ? once : `${once} (${count}×)`;
}

/** In a flood the gateway names the messages of few reads, so that 0 would be wrong. */
function counted(count: number, one: string, many: string): string {
  return count === 0 ? '' : `, ${count} ${count === 1 ? one : many}`;
}

const es: WireStrings = {
  title: 'Ver TCP',
  stop: 'Dejar de ver',
  states: {
    connecting: 'Conectando…',
    offline: 'Sin conexión con la pasarela. Lo que pase mientras tanto no se verá.',
    full: 'Ya hay demasiada gente mirando. Se intentará de nuevo.',
  },
  empty: 'Aún no ha llegado nada desde que miras. Escribe algo y verás por aquí sus bytes.',
  reads: 'Lecturas de la pasarela, de la más antigua a la más nueva',
  read: (bytes, messages, ms) =>
    `${bytes} bytes${counted(messages, 'mensaje', 'mensajes')}${ms === undefined ? '' : `, ${ms} después`}`,
  loss: 'faltan lecturas',
  legend: 'Cada barra es una lectura; cada color, un mensaje.',
  connections: 'Conexiones',
  columns: {
    kind: 'Qué es',
    address: 'En la sala',
    ports: 'Puertos',
    state: 'Estado',
    read: 'Leídos',
    written: 'Escritos',
    age: 'Edad',
  },
  kinds: { ear: 'oído', voice: 'voz' },
  you: 'tú',
  connectionStates: {
    dialing: 'conectando',
    'logging-in': 'entrando',
    open: 'abierta',
    resting: 'en espera',
    leaving: 'saliendo',
    left: 'cerrada',
  },
  bytes: (count) => (count === 1 ? '1 byte' : `${count} bytes`),
  inReads: (count) => (count === 1 ? '1 lectura' : `${count} lecturas`),
  writes: (count, bytes, ms) =>
    `${count === 1 ? '1 escritura' : `${count} escrituras`} de ${bytes} bytes, de vuelta en ${ms}`,
  glued: (count) => (count === 1 ? 'pegado a otro mensaje' : `pegado a otros ${count} mensajes`),
  cut: {
    header: (count) => times(count, 'cortado en la cabecera'),
    character: (count) => times(count, 'cortado dentro de un carácter'),
    text: (count) => times(count, 'cortado en el texto'),
    ends: (count) => times(count, 'cortado antes del salto de línea'),
  },
  cutHere: (ms) => `corte, ${ms}`,
  noEnd: 'sin salto de línea',
  runsOn: 'sin salto de línea: el siguiente va pegado',
  lines: (count) => `${count} líneas en un solo mensaje`,
  details: 'Bytes',
  hex: 'En hexadecimal',
  hidden: 'sus bytes no se muestran',
  rest: (bytes) => `y ${bytes} bytes más`,
};

const en: WireStrings = {
  title: 'See TCP',
  stop: 'Stop watching',
  states: {
    connecting: 'Connecting…',
    offline: 'No connection to the gateway. What happens meanwhile will not be shown.',
    full: 'Too many people are watching. The page will try again.',
  },
  empty: 'Nothing has arrived since you began to watch. Write something to see its bytes here.',
  reads: 'Reads of the gateway, oldest first',
  read: (bytes, messages, ms) =>
    `${bytes} bytes${counted(messages, 'message', 'messages')}${ms === undefined ? '' : `, ${ms} later`}`,
  loss: 'reads are missing',
  legend: 'Each bar is a read, each colour a message.',
  connections: 'Connections',
  columns: {
    kind: 'Kind',
    address: 'In the room',
    ports: 'Ports',
    state: 'State',
    read: 'Read',
    written: 'Written',
    age: 'Age',
  },
  kinds: { ear: 'ear', voice: 'voice' },
  you: 'you',
  connectionStates: {
    dialing: 'connecting',
    'logging-in': 'logging in',
    open: 'open',
    resting: 'waiting',
    leaving: 'leaving',
    left: 'closed',
  },
  bytes: (count) => (count === 1 ? '1 byte' : `${count} bytes`),
  inReads: (count) => (count === 1 ? '1 read' : `${count} reads`),
  writes: (count, bytes, ms) =>
    `${count === 1 ? '1 write' : `${count} writes`} of ${bytes} bytes, back in ${ms}`,
  glued: (count) => (count === 1 ? 'glued to another message' : `glued to ${count} other messages`),
  cut: {
    header: (count) => times(count, 'cut in the header'),
    character: (count) => times(count, 'cut inside a character'),
    text: (count) => times(count, 'cut in the text'),
    ends: (count) => times(count, 'cut before the line end'),
  },
  cutHere: (ms) => `cut, ${ms}`,
  noEnd: 'no line end',
  runsOn: 'no line end: the next one is glued to it',
  lines: (count) => `${count} lines in one message`,
  details: 'Bytes',
  hex: 'In hexadecimal',
  hidden: 'its bytes are not shown',
  rest: (bytes) => `and ${bytes} more bytes`,
};

const WIRE_STRINGS = { es, en };

export function wireStrings(): WireStrings {
  return WIRE_STRINGS[t.code];
}

/** Milliseconds, exact where they are few. */
export function formatMs(ms: number): string {
  const digits = ms < 10 ? 2 : ms < 100 ? 1 : 0;
  const format = new Intl.NumberFormat(t.code, { maximumFractionDigits: digits });
  return ms < 10_000
    ? `${format.format(ms)} ms`
    : `${new Intl.NumberFormat(t.code).format(Math.round(ms / 1000))} s`;
}
