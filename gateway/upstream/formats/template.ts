/**
 * Templates of lines: `<{name}> {text}`, `[{address}]: {text}`. They read the lines of a room, and write a login and a
 * message. A template that begins with `{"` is JSON: its strings are templates, and their values are escaped.
 */
import { canonicalIp, formatAddress } from '../../../common/ip.ts';

/** Longest name in a line, characters. A longer text before the separator is no name. */
const NAME_MAX_CHARS = 32;

const IP = String.raw`\d{1,3}(?:\.\d{1,3}){3}|\[[\da-fA-F:.]{2,45}\]|[\da-fA-F:.]{2,45}`;

/** Pattern of each field in a line. */
const FIELDS: Record<string, string> = {
  address: `(?<address>(?:${IP}):\\d{1,5})`,
  ip: `(?<ip>${IP})`,
  port: '(?<port>\\d{1,5})',
  name: `(?<name>\\S(?:.{0,${NAME_MAX_CHARS - 2}}?\\S)?)`,
  text: '(?<text>.*)',
  any: '.{1,40}?',
};

const FIELD = /\{([a-z]+)\}/g;

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '0': '\0', '\\': '\\' };

/** A line that fits a template. Without a `text` the line is the room's own. */
export interface Reading {
  address: string | undefined;
  name: string | undefined;
  text: string | undefined;
}

/** Reads one line. Returns undefined if the line does not fit. */
export type LineReader = (line: string) => Reading | undefined;

/** Replaces `\n`, `\r`, `\t`, `\0` and `\\`, because a setting is one line. */
export function unescapeTemplate(text: string): string {
  return text.replace(/\\([nrt0\\])/g, (_, char: string) => ESCAPES[char] ?? char);
}

/** Returns the fields of a template. */
export function fieldsOf(template: string): string[] {
  return [...template.matchAll(FIELD)].map(([, field = '']) => field);
}

export function isJsonTemplate(template: string): boolean {
  return template.startsWith('{"');
}

/** Returns why a template can't read lines, or undefined. */
export function problemOfFormat(template: string): string | undefined {
  const fields = fieldsOf(template);
  const unknown = fields.find((field) => !Object.hasOwn(FIELDS, field));
  if (unknown !== undefined) return `{${unknown}} is none of ${listOf(Object.keys(FIELDS))}`;
  const once = fields.filter((field) => field !== 'any');
  if (new Set(once).size < once.length) return 'a field stands twice';
  if (!fields.includes('text')) return 'has no {text}';
  if (/\}\{/.test(template.replace(FIELD, '{}'))) return 'two fields need a text between them';
  return isJsonTemplate(template) && parseJson(template) === undefined ? 'is no valid JSON' : undefined;
}

/** Returns why a template can't be written, or undefined. */
export function problemOfWriting(template: string, allowed: readonly string[]): string | undefined {
  const unknown = fieldsOf(template).find((field) => !allowed.includes(field));
  return unknown === undefined ? undefined : `{${unknown}} is none of ${listOf(allowed)}`;
}

export function readerOf(template: string): LineReader {
  return isJsonTemplate(template) ? jsonReader(parseJson(template)) : textReader(template);
}

/** Fills a template with values. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  const isJson = isJsonTemplate(template);
  return template.replace(FIELD, (field, name: string) => {
    const value = values[name];
    if (value === undefined) return field;
    return isJson ? JSON.stringify(value).slice(1, -1) : value;
  });
}

/** Returns a pattern for all headers of a template, or undefined if a header has no address. */
export function addressHeaderOf(template: string): RegExp | undefined {
  const header = template.slice(0, template.indexOf('{text}'));
  return header.includes('{address}') ? new RegExp(patternSource(header), 'g') : undefined;
}

function textReader(template: string): LineReader {
  const pattern = patternOf(template);
  return (line) => {
    const groups = pattern.exec(line)?.groups;
    return groups && readingOf(groups);
  };
}

/** Compares values, so that the order of keys, blanks and escapes do not matter. */
function jsonReader(template: unknown): LineReader {
  return (line) => {
    const value = parseJson(line);
    const groups: Record<string, string> = {};
    return value !== undefined && fits(template, value, groups) ? readingOf(groups) : undefined;
  };
}

function fits(template: unknown, value: unknown, groups: Record<string, string>): boolean {
  if (typeof template === 'string' && typeof value === 'string') {
    const match = patternOf(template).exec(value);
    Object.assign(groups, match?.groups);
    return match !== null;
  }
  if (typeof template !== 'object' || template === null) return template === value;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(template).every(
    ([key, part]) => Object.hasOwn(value, key) && fits(part, (value as Record<string, unknown>)[key], groups),
  );
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${patternSource(template)}$`, 's');
}

function patternSource(template: string): string {
  const parts = template.split(FIELD).map((part, index) => {
    return index % 2 === 1 ? (FIELDS[part] ?? '') : part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
  return parts.join('');
}

function readingOf({ address, ip, port, name, text }: Record<string, string>): Reading | undefined {
  const joined = address ?? (ip !== undefined && port !== undefined ? `${ip}:${port}` : undefined);
  if (joined === undefined) return { address: undefined, name: name ?? ip, text };
  const known = addressOf(joined);
  return known === undefined ? undefined : { address: known, name, text };
}

/** Returns the one spelling of an address: `IPv4:PORT` or `[IPv6]:PORT`. */
function addressOf(joined: string): string | undefined {
  const end = joined.lastIndexOf(':');
  const ip = canonicalIp(joined.slice(0, end).replace(/^\[|\]$/g, ''));
  const port = Number(joined.slice(end + 1));
  if (ip === undefined || port > 65_535) return undefined;
  return formatAddress(ip, port);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listOf(fields: readonly string[]): string {
  return fields.map((field) => `{${field}}`).join(', ');
}
