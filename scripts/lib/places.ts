/**
 * Where programs usually are, on each system. What is there is for the caller to look.
 */
import { delimiter, join } from 'node:path';

/** The names of one program, and what it is called in the folders of macOS and Windows. */
export interface Names {
  /** On the PATH of Linux. */
  commands: string[];
  /** Each with the file in it that is run. */
  apps: [name: string, executable: string][];
  /** Parts of the path below the folders of programs. */
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
