/** The sections of CHANGELOG.md begin with `## 0.1.0` or `## Unreleased`. */
const SECTION = /^## (?<title>\S+)\n+(?<text>[\s\S]*?)(?=^## |$(?![\s\S]))/gm;

/** The sentence below `## Unreleased` that announces the next version. */
const ANNOUNCED = /^This will be (?<version>\d+\.\d+\.\d+)\./;

/** Returns the text about a version, or undefined if there is no such section. */
export function notesOf(version: string, changelog: string): string | undefined {
  return sectionsOf(changelog)
    .find(({ title }) => title === version)
    ?.text.trimEnd();
}

/** Returns the version that the first section is about. */
export function newestVersion(changelog: string): string | undefined {
  const [first] = sectionsOf(changelog);
  return first?.title === 'Unreleased' ? ANNOUNCED.exec(first.text)?.groups?.version : first?.title;
}

function sectionsOf(changelog: string): { title: string; text: string }[] {
  return Array.from(changelog.matchAll(SECTION), ({ groups: { title = '', text = '' } = {} }) => ({
    title,
    text,
  }));
}
