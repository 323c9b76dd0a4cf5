/** Made by emoji-table.ts. */
declare module 'virtual:emoji/*' {
  const table: readonly string[];
  export default table;
}
