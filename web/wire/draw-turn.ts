/** Cards drawn in one task. A busy projector replaces a hundred each second, and they may not delay the page. */
const CARDS_PER_TASK = 8;

const waiting: (() => void)[] = [];

/** Resolves when it is the caller's turn to draw: a few in each task. */
export function takeDrawTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setTimeout(drawSome);
  });
}

function drawSome(): void {
  for (const draw of waiting.splice(0, CARDS_PER_TASK)) draw();
  if (waiting.length > 0) setTimeout(drawSome);
}
