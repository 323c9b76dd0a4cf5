/**
 * Line charts as SVG, readable in light and dark.
 */
export interface Series {
  name: string;
  points: [x: number, y: number][];
}

export interface LineChart {
  title: string;
  x: string;
  y: string;
  series: readonly Series[];
  logX?: boolean;
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 60;
const RIGHT = 590;
const TOP = 48;
const BOTTOM = 344;

/** Styles that are distinct without colours, because each has its own dash. */
const STYLES = [
  { colour: '#0072b2', dash: '' },
  { colour: '#d55e00', dash: '6 3' },
  { colour: '#009e73', dash: '2 3' },
  { colour: '#aa4499', dash: '8 3 2 3' },
];

export function lineChart({ title, x, y, series, logX = false }: LineChart): string {
  const drawn = series.filter(({ points }) => points.length > 0);
  const xs = [...new Set(drawn.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const top = niceTop(Math.max(...drawn.flatMap(({ points }) => points.map(([, value]) => value))));
  const place = logX ? Math.log : (value: number): number => value;
  const [first, last] = [place(xs[0] ?? 0), place(xs.at(-1) ?? 1)];
  const atX = (value: number): number =>
    LEFT + ((place(value) - first) / (last - first || 1)) * (RIGHT - LEFT);
  const atY = (value: number): number => BOTTOM - (value / top) * (BOTTOM - TOP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">`,
    '<style>text{font:13px system-ui,sans-serif;fill:#222}.t{font-size:16px;font-weight:600}.g{stroke:#8886}</style>',
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#fff"/>`,
    `<text class="t" x="${LEFT}" y="28">${title}</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => yTick(share * top, atY)),
    ...xs.map((value) => text(atX(value), BOTTOM + 20, 'middle', value.toLocaleString('en'))),
    text((LEFT + RIGHT) / 2, HEIGHT - 14, 'middle', x),
    text(LEFT - 8, TOP - 8, 'end', y),
    ...drawn.flatMap((each, index) => curve(each, index, atX, atY)),
    ...legend(drawn, atY),
    '</svg>\n',
  ].join('\n');
}

function yTick(value: number, atY: (value: number) => number): string[] {
  const y = atY(value);
  return [
    `<line class="g" x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}"/>`,
    text(LEFT - 8, y + 4, 'end', `${Number(value.toPrecision(3))}`),
  ];
}

function curve({ points }: Series, index: number, atX: Scale, atY: Scale): string[] {
  const { colour, dash } = styleOf(index);
  const line = points.map(([x, y]) => `${atX(x).toFixed(1)},${atY(y).toFixed(1)}`).join(' ');
  return [
    `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
    ...points.map(
      ([x, y]) => `<circle cx="${atX(x).toFixed(1)}" cy="${atY(y).toFixed(1)}" r="3" fill="${colour}"/>`,
    ),
  ];
}

type Scale = (value: number) => number;

/** Labels at the end of each curve, moved apart where they would overlap. */
function legend(series: readonly Series[], atY: Scale): string[] {
  const labels = series
    .map(({ name, points }, index) => ({ name, index, y: atY(points.at(-1)?.[1] ?? 0) + 4 }))
    .sort((a, b) => a.y - b.y);
  let lowest = 0;
  return labels.map(({ name, index, y }) => {
    lowest = Math.max(y, lowest + 17);
    return `<text x="${RIGHT + 10}" y="${lowest.toFixed(1)}" style="fill:${styleOf(index).colour}">${name}</text>`;
  });
}

function styleOf(index: number): { colour: string; dash: string } {
  return STYLES[index % STYLES.length] as { colour: string; dash: string };
}

function text(x: number, y: number, anchor: string, words: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
}

/** Rounds up to 1, 2, 4 or 8 times a power of ten. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return ([1, 2, 4, 8, 10].find((factor) => factor * power >= value) ?? 10) * power;
}
