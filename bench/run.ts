import { benchActions } from './actions.ts';
import { benchChats } from './chats.ts';
import { benchConsole } from './console.ts';
import { benchCrowd } from './crowd.ts';
import { benchMemory } from './memory.ts';
import { print } from './measure.ts';
import { benchOrders } from './orders.ts';
import { benchRounds } from './rounds.ts';

const benches = {
  rounds: benchRounds,
  orders: benchOrders,
  crowd: benchCrowd,
  chats: benchChats,
  memory: benchMemory,
  console: benchConsole,
  actions: benchActions,
} as const;

/** `npm run bench` runs all; `npm run bench -- rounds` one. */
const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length === 0 || wanted.includes(name)) await bench();
}
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0)
  print(`There is no bench called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`);
process.exit(unknown.length > 0 ? 64 : 0);
