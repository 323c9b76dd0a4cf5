/**
 * The parts of `npm run bench`, in this order.
 */
import type { Cleanup } from '../test/helpers/eventually.ts';
import type { Report } from './lib/report.ts';
import { measureAttack } from './parts/attack.ts';
import { measureBusy } from './parts/busy.ts';
import { measureCatchingUp } from './parts/catching-up.ts';
import { measureClasses } from './parts/classes.ts';
import { measureCluster } from './parts/cluster/cost.ts';
import { measureEmptyDisk } from './parts/cluster/empty-disk.ts';
import { measureFanOut } from './parts/fanout.ts';
import { measureHistory } from './parts/history.ts';
import { measureJoining } from './parts/joining.ts';
import { measureLatency } from './parts/latency.ts';
import { measureMemory } from './parts/memory.ts';
import { measurePage } from './parts/page.ts';
import { measureRooms } from './parts/rooms.ts';
import { measureSeeTcp } from './parts/see-tcp.ts';
import { measureSlowReader } from './parts/slow-reader.ts';
import { measureStarting } from './parts/starting.ts';

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
  'see-tcp': measureSeeTcp,
  attack: measureAttack,
  classes: measureClasses,
  starting: measureStarting,
  cluster: measureCluster,
  'empty-disk': measureEmptyDisk,
};
