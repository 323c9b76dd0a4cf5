/**
 * All that `npm run bench` measures, in this order.
 */
import type { Cleanup } from '../test/helpers/eventually.ts';
import { measureAttack } from './attack.ts';
import { measureBusy } from './busy.ts';
import { measureCatchingUp } from './catching-up.ts';
import { measureFanOut } from './fanout.ts';
import { measureHistory } from './history.ts';
import { measureJoining } from './joining.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { measurePage } from './page.ts';
import type { Report } from './report.ts';
import { measureRooms } from './rooms.ts';
import { measureSlowReader } from './slow-reader.ts';

type Part = (t: Cleanup) => Promise<Report>;

export const PARTS: Record<string, Part> = {
  latency: measureLatency,
  fanout: measureFanOut,
  memory: measureMemory,
  joining: measureJoining,
  'catching-up': measureCatchingUp,
  'slow-reader': measureSlowReader,
  rooms: measureRooms,
  page: measurePage,
  history: measureHistory,
  busy: measureBusy,
  attack: measureAttack,
};
