/** What a part of the bench found: a text to print, and plots (SVG) by name. */
export interface Report {
  text: string;
  plots?: Record<string, string>;
}
