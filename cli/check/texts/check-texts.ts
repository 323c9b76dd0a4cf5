/**
 * The shape of the texts of `tertulia check`, which each language fills.
 */
/** The checks in the order in which they run. */
export const CHECK_IDS = [
  'start',
  'answer',
  'concurrency',
  'broadcast',
  'sender',
  'order',
  'glued',
  'cut',
  'newline',
  'long',
  'characters',
  'invalid',
  'half-close',
  'leave',
  'reset',
  'slow-reader',
  'burst',
  'many',
  'stop',
  'restart',
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

export const STATUSES = ['passed', 'failed', 'noted', 'skipped'] as const;

export type Status = (typeof STATUSES)[number];

/** The programming languages for which a report has lines of code. */
export const CODE_LANGUAGES = ['python', 'java', 'node', 'c'] as const;

export type CodeLanguage = (typeof CODE_LANGUAGES)[number];

/** How the process of a server ended. */
export interface ProcessEnd {
  code: number | null;
  signal: string | null;
}

export interface CheckText {
  title: string;
  /** The input of the check. */
  sent: string;
  why: string;
  mend: string;
}

/** The observations of the checks, as sentences. */
export interface Facts {
  listens: (port: number) => string;
  endedAtStart: (end: ProcessEnd) => string;
  noSuchCommand: (command: string) => string;
  notListening: (port: number, seconds: number) => string;
  portInUse: (port: number) => string;
  portKept: (port: number) => string;
  unreachable: (address: string) => string;
  notConnected: (seconds: number) => string;

  serverEnded: (end: ProcessEnd) => string;
  frozen: (seconds: number) => string;
  unserved: (name: string) => string;
  closedOn: (name: string) => string;
  notReceived: (name: string, seconds: number) => string;

  reachedOthers: string;
  cameBack: string;
  noAnswer: string;
  servedAll: (count: number) => string;
  notServed: (name: string, seconds: number) => string;
  heardByAll: (count: number, isEchoed: boolean) => string;
  heardBySome: (heard: number, count: number) => string;
  onlyEcho: string;

  showsAddress: (header: string) => string;
  showsName: (header: string) => string;
  showsNoSender: string;
  showsWrongAddress: (header: string, address: string) => string;
  showsSame: (header: string) => string;
  notInFormat: (format: string, name: string, line: string) => string;

  sameOrder: (count: number) => string;
  otherOrder: (first: string, second: string) => string;
  lostMessages: (heard: number, count: number) => string;

  eachWithSender: (count: number) => string;
  eachWhole: (count: number) => string;
  withoutSender: (missing: number, count: number, shown: string) => string;
  cutTogether: string;
  cutInPieces: (shown: string) => string;
  cutMixed: (shown: string) => string;
  sentAtOnce: string;
  waitsForNewline: (seconds: number) => string;
  longWhole: (bytes: number) => string;
  longInPieces: (bytes: number, pieces: number) => string;
  longIncomplete: (bytes: number, received: number) => string;
  charactersWhole: string;
  charactersDamaged: (shown: string) => string;
  invalidSurvived: (isClosed: boolean) => string;

  closedAfterText: string;
  textLost: (seconds: number) => string;
  notClosed: (open: number, count: number, seconds: number) => string;
  closedAll: (count: number) => string;
  goesOn: string;

  floodSurvived: (mebibytes: string, isDropped: boolean) => string;
  floodFroze: (mebibytes: string, seconds: number) => string;
  burstQueued: (count: number) => string;
  burstOverflow: (queued: number, count: number) => string;
  burstArrived: (count: number, slow: number) => string;
  burstLost: (arrived: number, count: number, seconds: number) => string;
  manyHeard: (count: number) => string;
  manyLost: (heard: number, count: number) => string;

  stopped: (end: ProcessEnd) => string;
  stoppedByReset: (end: ProcessEnd) => string;
  notStopped: (seconds: number) => string;
  restarted: (milliseconds: number) => string;

  /** Reasons for a check that was not run. */
  needsRoom: string;
  needsMany: string;
  needsServer: string;
  noTimeLeft: (seconds: number) => string;
  needsOwnServer: string;
  needsPermission: string;
  needsSignals: string;
  hasFrames: string;
}

/** The frame of a report. */
export interface ReportTexts {
  status: Record<Status, string>;
  checking: (target: string, count: number, seconds: number) => string;
  /** Warnings before a server that was not started by the command is checked. */
  writesIntoRoom: string;
  leavesOut: (ids: readonly string[]) => string;
  mayKill: (ids: readonly string[]) => string;
  sent: string;
  seen: string;
  printed: string;
  why: string;
  mend: string;
  names: Record<CodeLanguage, string>;
  summary: (counts: Record<Status, number>) => string;
  points: (earned: number, total: number) => string;
  noted: string;
  usage: string;
  needsTarget: string;
  unknownCheck: (id: string) => string;
  badLesson: (text: string) => string;
  badWeight: (text: string) => string;
  badPort: (text: string) => string;
  badTarget: (text: string) => string;
  badCode: (text: string) => string;
  unknownFlag: (flag: string) => string;
  needsValue: (flag: string) => string;
  /** `--format learn` has found nothing. */
  notLearned: string;
  notWritten: (file: string, reason: string) => string;
}

export interface CheckTexts {
  checks: Record<CheckId, CheckText>;
  facts: Facts;
  report: ReportTexts;
}
