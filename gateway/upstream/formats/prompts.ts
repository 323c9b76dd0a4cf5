/**
 * Detects whether a server's first text asks for a name or a password. Pure.
 */

const NAME =
  /\b(?:nick(?:name)?|user ?(?:name)?|submitname|name|alias|log ?in|pass(?:word|code)|call you|who are you)\b|\b(?:nombre|apodo|usuario|contraseña|clave|quién eres|nome|senha)(?![\p{L}])/iu;
const REQUEST =
  /\b(?:enter|type|choose|pick|submit|required|escribe|escriba|introduce|introduzca|ingresa|ingrese|elige|dime|digite)\b/i;
const QUESTION = /[:?>]$/;
/** A keyword of a protocol: `NICK`, `SUBMITNAME`. */
const KEYWORD = /^[A-Z]{4,16}$/;

/** Returns false for a greeting that only contains a name, such as `Bienvenido, usuario 3`. */
export function asksForName(text: string): boolean {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (!NAME.test(line)) return false;
  return QUESTION.test(line) || KEYWORD.test(line) || REQUEST.test(line);
}
