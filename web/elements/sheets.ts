/** What is beside the conversation. Each is loaded when it is first opened. */
const LOADERS = {
  people: () => import('./people-sheet.ts'),
  invite: () => import('./invite-sheet.ts'),
  settings: () => Promise.all([import('./settings-sheet.ts'), import('./notice-settings.ts')]),
  help: () => import('./help-sheet.ts'),
} satisfies Record<string, () => Promise<unknown>>;

export type SheetName = keyof typeof LOADERS;

export function loadSheet(name: SheetName): Promise<unknown> {
  return LOADERS[name]();
}
