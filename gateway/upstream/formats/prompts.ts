/**
 * Does a server's first text ask for a name or a password? Pure.
 */

const NAME =
  /\b(?:nick(?:name)?|user ?(?:name)?|submitname|name|alias|log ?in|pass(?:word|code)|call you|who are you)\b|\b(?:nombre|apodo|usuario|contraseña|clave|quién eres|nome|senha)(?![\p{L}])/iu;
const REQUEST =
  /\b(?:enter|type|choose|pick|submit|required|escribe|escriba|introduce|introduzca|ingresa|ingrese|elige|dime|digite)\b/i;
const QUESTION = /[:?>]$/;
/** `NICK`, `SUBMITNAME`: a word of a protocol. */
const KEYWORD = /^[A-Z]{4,16}$/;

/** A greeting that only names somebody (`Bienvenido, usuario 3`) is no question. */
export function asksForName(text: string): boolean {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (!NAME.test(line)) return false;
  return QUESTION.test(line) || KEYWORD.test(line) || REQUEST.test(line);
}
