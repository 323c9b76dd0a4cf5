/**
 * Servers that talk as those of tutorials, in the language that each has there where it is short.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inProject } from '../../scripts/lib/project.ts';
import type { Cleanup } from '../helpers/eventually.ts';
import { dataDir } from '../helpers/gateway.ts';
import { type Program, start, without } from '../helpers/process.ts';
import { freePort } from '../helpers/tcp.ts';

export interface StandIn {
  port: number;
  program: Program;
}

interface Language {
  /** The programs that it needs. */
  needs: readonly string[];
  /** The file in test/servers/stand-ins. */
  file: string;
  /** Compiles the file to a program. */
  compile?: (source: string, program: string) => string[];
  /** Runs the file, or the program that it is compiled to. */
  run: (source: string) => string[];
}

const LANGUAGES: Record<string, Language> = {
  gopl: {
    needs: ['go'],
    file: 'gopl.go',
    compile: (source, program) => ['go', 'build', '-o', program, source],
    run: (program) => [program],
  },
  'node-gist': { needs: [], file: 'node-gist.mjs', run: (source) => [process.execPath, source] },
  submitname: { needs: ['java', 'javac'], file: 'Submitname.java', run: (source) => ['java', source] },
  beej: {
    needs: ['gcc'],
    file: 'beej.c',
    compile: (source, program) => ['gcc', '-o', program, source],
    run: (program) => [program],
  },
  mug4z: { needs: ['ruby'], file: 'mug4z.rb', run: (source) => ['ruby', source] },
  hilos: { needs: ['java', 'javac'], file: 'Hilos.java', run: (source) => ['java', source] },
  perl: { needs: ['perl'], file: 'perl.pl', run: (source) => ['perl', source] },
};

const MANNERS = inProject('test/python/manners.py');
const FRAMES = inProject('test/python/frames.py');
const FRAMES_KINDS = ['digits', 'fixed', 'bad'];

/** The reason to skip a test with this stand-in, or false. */
export function withoutStandIn(name: string): string | false {
  return without(...(LANGUAGES[name]?.needs ?? ['python3']));
}

/** Starts the stand-in for the server of this name. */
export async function standIn(t: Cleanup, name: string): Promise<StandIn> {
  const port = await freePort();
  const [command = '', ...args] = commandOf(t, name);
  const program = await start(t, command, [...args, `${port}`], {
    PYTHONIOENCODING: 'utf-8',
    LC_ALL: 'C.UTF-8',
  });
  await program.prints(`Servidor escuchando en 127.0.0.1:${port}`);
  return { port, program };
}

function commandOf(t: Cleanup, name: string): string[] {
  const language = LANGUAGES[name];
  if (!language) return ['python3', '-u', FRAMES_KINDS.includes(name) ? FRAMES : MANNERS, name];
  const source = inProject(`test/servers/stand-ins/${language.file}`);
  if (!language.compile) return language.run(source);
  const compiled = join(dataDir(t), name);
  const [compiler = '', ...args] = language.compile(source, compiled);
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compiler} can not compile ${language.file}: ${stderr}`);
  return language.run(compiled);
}
