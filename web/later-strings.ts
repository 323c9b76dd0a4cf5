import type { CommandWords } from './choices.ts';

type Row = readonly [keys: string, does: string];

/** What the page says in the parts of it that are loaded when they are first needed. */
export interface LaterStrings {
  commands: CommandWords;
  suggestions: string;
  suggestionsOpen: (count: number) => string;

  pasteQuestion: (lines: number) => string;
  pasteReason: string;
  pasteSay: (messages: number) => string;
  pasteWrite: string;
  pasteJoin: string;
  cancel: string;

  help: { commands: string; literally: readonly Row[]; keys: string; does: readonly Row[] };
}

const es: LaterStrings = {
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
  pasteSay: (messages) => `Enviar ${messages} mensajes`,
  pasteWrite: 'Pegar sin enviar',
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
      ['Tab', 'elegir la sugerencia; las flechas la cambian'],
      ['Esc', 'cerrar; desde la conversación, volver a escribir'],
      ['/ o Ctrl + K', 'buscar, mientras no escribes'],
    ],
  },
};

const en: LaterStrings = {
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
  pasteSay: (messages) => `Send ${messages} messages`,
  pasteWrite: 'Paste without sending',
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
      ['Tab', 'take the suggestion; arrow keys change it'],
      ['Esc', 'close; from the conversation, write again'],
      ['/ or Ctrl + K', 'search, while you are not writing'],
    ],
  },
};

export const LATER_STRINGS = { es, en };
