/**
 * Opens the database file of a transcript for one process alone.
 */
import { pathToFileURL } from 'node:url';
import Database from 'libsql';

/**
 * SQLite for Windows can't share a file among the threads of one process only. There the gateway moves the log of changes
 * itself, while everybody waits.
 */
export const CAN_SHARE_WITH_THREADS = process.platform !== 'win32';

/** Size at which the writer itself moves the log of changes into the database, in pages of 4 KiB. 1000 is SQLite's own. */
export const MAX_LOG_PAGES = CAN_SHARE_WITH_THREADS ? 4000 : 1000;

/** Returns what SQLite opens. With `unix-excl` the first one that opens the file takes its lock, for its whole process. */
export function locationOf(file: string): string {
  return CAN_SHARE_WITH_THREADS ? `${pathToFileURL(file).href}?vfs=unix-excl` : file;
}

/** Throws if another process has the file open. */
export function configure(db: Database.Database): void {
  if (!CAN_SHARE_WITH_THREADS) db.exec('PRAGMA locking_mode = EXCLUSIVE');
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}`,
  );
}

export function open(location: string): Database.Database {
  return new Database(location);
}
