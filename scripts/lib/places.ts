/**
 * Usual places of programs on each system. The caller checks which exist.
 */
import { delimiter, join } from 'node:path';

/** The names of one program on Linux, macOS and Windows. */
export interface Names {
  /** Names on the PATH of Linux. */
  commands: string[];
  /** Applications of macOS, each with its executable. */
  apps: [name: string, executable: string][];
  /** Paths below the program folders of Windows, in parts. */
  windows: string[][];
}

export function usualPlaces(names: Names, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === 'win32') return onWindows(names, env);
  if (platform === 'darwin') return onMacOs(names, env);
  return onPath(names, env);
}

function onPath({ commands }: Names, { PATH = '' }: NodeJS.ProcessEnv): string[] {
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return commands.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function onMacOs({ apps }: Names, { HOME = '' }: NodeJS.ProcessEnv): string[] {
  return ['/Applications', join(HOME, 'Applications')].flatMap((folder) =>
    apps.map(([name, executable]) => join(folder, `${name}.app`, 'Contents', 'MacOS', executable)),
  );
}

function onWindows({ windows }: Names, env: NodeJS.ProcessEnv): string[] {
  const folders = [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA].filter(
    (folder) => folder !== undefined,
  );
  return folders.flatMap((folder) => windows.map((parts) => join(folder, ...parts)));
}
