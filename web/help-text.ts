/** What the help says. Loaded with its sheet, not with the page. */
export interface HelpText {
  commands: string;
  literally: [keys: string, does: string][];
  writing: string;
  keys: [keys: string, does: string][];
}

const es: HelpText = {
  commands: 'Órdenes',
  literally: [
    ['salir', 'sola, también sale: como en la terminal'],
    ['//texto', 'dice «/texto» tal cual'],
  ],
  writing: 'Teclas',
  keys: [
    ['Enter', 'enviar'],
    ['Shift + Enter', 'otra línea; cada una será un mensaje'],
    ['↑ ↓', 'en una entrada vacía: lo que enviaste antes'],
    ['@', 'nombres y direcciones de quien ha hablado'],
    [':nombre:', 'un emoji, por su nombre en español o en inglés'],
    ['Tab', 'elegir la sugerencia; las flechas la cambian'],
    ['Esc', 'cerrar; desde la conversación, volver a escribir'],
    ['/ o Ctrl + K', 'buscar, mientras no escribes'],
  ],
};

const en: HelpText = {
  commands: 'Commands',
  literally: [
    ['salir', 'alone, leaves too: as in the terminal'],
    ['//text', 'says “/text” as it is'],
  ],
  writing: 'Keys',
  keys: [
    ['Enter', 'send'],
    ['Shift + Enter', 'another line; each will be a message'],
    ['↑ ↓', 'in an empty input: what you sent before'],
    ['@', 'names and addresses of who has spoken'],
    [':name:', 'an emoji, by its name'],
    ['Tab', 'take the suggestion; arrow keys change it'],
    ['Esc', 'close; from the conversation, write again'],
    ['/ or Ctrl + K', 'search, while you are not writing'],
  ],
};

export const HELP_TEXTS = { es, en };
