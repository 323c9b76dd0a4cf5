/**
 * Checks of messages: they reach all others, under the right sender, in one order.
 */
import type { Check } from '../check.ts';
import { failed, noted, type Outcome, passed } from '../outcome.ts';
import type { RoomClient } from '../room-client.ts';
import { HEARS_WITHIN_MS } from '../room-format.ts';
import type { Scene } from '../scene.ts';

/** Messages of each of three speakers. */
const MESSAGES_EACH = 20;

export const broadcast: Check = {
  id: 'broadcast',
  weight: 3,
  lesson: 3,
  needs: 'one',
  risk: 'safe',
  async run(scene) {
    const [speaker, ...others] = await scene.enter(4);
    const token = scene.token();
    speaker.say(token);
    const heard = await Promise.all(others.map((client) => client.hears(token, HEARS_WITHIN_MS)));
    const count = heard.filter(Boolean).length;
    if (count === 0 && speaker.text.includes(token)) return failed((t) => t.onlyEcho);
    if (count < others.length) return failed((t) => t.heardBySome(count, others.length));
    // An echo would have come before or with the messages to the others, so a second message bounds the wait.
    await scene.mustPass(speaker, others[0] ?? speaker);
    return passed((t) => t.heardByAll(count, speaker.text.includes(token)));
  },
};

export const sender: Check = {
  id: 'sender',
  weight: 2,
  lesson: 3,
  needs: 'room',
  risk: 'safe',
  async run(scene) {
    const [ana, luis, witness] = await scene.enter(3);
    for (const speaker of [ana, luis]) {
      const misfit = await misfitOf(scene, speaker, witness);
      if (misfit) return misfit;
    }
    const headers = [
      (await scene.headerOf(ana, witness)).trim(),
      (await scene.headerOf(luis, witness)).trim(),
    ] as const;
    const [header, second] = headers;
    const speakers = [ana, luis];
    const { address } = ana;
    if (headers.every((text) => text === '')) return noted((t) => t.showsNoSender);
    if (speakers.every((client, index) => showsPort(headers[index] ?? '', client))) {
      return passed((t) => t.showsAddress(header));
    }
    if (speakers.every((client, index) => headers[index]?.includes(client.name))) {
      return passed((t) => t.showsName(header));
    }
    if (/[\d.:a-f]+:\d+/.test(header)) return failed((t) => t.showsWrongAddress(header, address));
    if (header === second) return failed((t) => t.showsSame(header));
    return passed((t) => t.showsName(header));
  },
};

/** Compares a message with the format that the person has named. */
async function misfitOf(
  scene: Scene,
  speaker: RoomClient,
  witness: RoomClient,
): Promise<Outcome | undefined> {
  const { format } = scene.manner;
  if (!format) return undefined;
  const token = scene.token();
  witness.forget();
  speaker.say(token);
  const line = () => witness.text.split(/\r?\n/).find((one) => one.includes(token)) ?? '';
  const fits = await witness.until(() => format.isMessage(line(), token, speaker), HEARS_WITHIN_MS);
  if (line() === '') throw scene.notHeardBy(witness);
  return fits ? undefined : failed((t) => t.notInFormat(format.name, speaker.name, line()));
}

function showsPort(header: string, { port }: RoomClient): boolean {
  return new RegExp(String.raw`(?<!\d)${port}(?!\d)`).test(header);
}

export const order: Check = {
  id: 'order',
  weight: 2,
  lesson: 3,
  needs: 'room',
  risk: 'safe',
  async run(scene) {
    const [listener, other] = await scene.enter(2);
    const speakers = await scene.enter(3);
    // Everybody has been heard, so everybody is in the room.
    for (const speaker of speakers) await scene.mustPass(speaker, listener);
    for (const client of [listener, other]) client.forget();
    const tokens = Array.from({ length: MESSAGES_EACH }, () =>
      speakers.map((speaker) => {
        const token = scene.token();
        speaker.say(token);
        return token;
      }),
    ).flat();
    const all = await Promise.all(
      [listener, other].map((client) =>
        client.until(() => tokens.every((token) => client.text.includes(token)), HEARS_WITHIN_MS),
      ),
    );
    const [first = [], second = []] = [listener, other].map(({ text }) => inOrder(tokens, text));
    if (!all.every(Boolean)) {
      return failed((t) => t.lostMessages(Math.min(first.length, second.length), tokens.length));
    }
    const at = first.findIndex((token, index) => token !== second[index]);
    if (at >= 0) return failed((t) => t.otherOrder(first[at] ?? '', second[at] ?? ''));
    return passed((t) => t.sameOrder(tokens.length));
  },
};

function inOrder(tokens: readonly string[], text: string): string[] {
  return tokens
    .map((token) => ({ token, at: text.indexOf(token) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)
    .map(({ token }) => token);
}
