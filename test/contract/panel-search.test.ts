import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPanelSearch } from '../../src/adapters/pterodactyl/index.ts';
import type { PanelSearch } from '../../src/core/action-ports.ts';
import { createWorldClock } from '../../src/sandbox/clock.ts';
import { type PanelWorld, startPanel } from '../../src/sandbox/panel/index.ts';

const calm = new AbortController().signal;

let panel: PanelWorld;
let search: PanelSearch;
let ownerId: number;
let nodeId: number;
let eggId: number;

beforeEach(async () => {
  panel = await startPanel({ clock: createWorldClock() });
  ownerId = panel.addUser({ email: 'ann@example.com' }).id;
  nodeId = panel.addNode({ locationId: panel.addLocation({}).id, memoryMib: 10_000_000 }).id;
  panel.addAllocations(nodeId, { ports: { from: 20_000, to: 20_299 } });
  eggId = panel.addEgg({ nestId: panel.addNest({}).id }).id;
  search = createPanelSearch({ url: panel.url, applicationKey: panel.applicationKey, timeoutMs: 1500 });
});

afterEach(() => panel.stop());

const add = (name: string) => panel.addServer({ ownerId, nodeId, eggId, name }).id;

async function idsNamed(name: string): Promise<readonly number[]> {
  const found = await search.serversNamed(name, calm);
  if (!found.ok) throw new Error(`failed: ${JSON.stringify(found.failure)}`);
  return found.value.map(({ id }) => id);
}

describe('servers by name', () => {
  it('are all of exactly this name, whoever owns them', async () => {
    const stranger = panel.addUser({ email: 'eve@example.com' }).id;
    const first = add('Creeper Camp');
    const second = panel.addServer({ ownerId: stranger, nodeId, eggId, name: 'Creeper Camp' }).id;
    for (const other of ['creeper camp', 'Creeper Camp 2', 'My Creeper Camp']) add(other);
    expect(await idsNamed('Creeper Camp')).toEqual([first, second]);
  });

  it.each(['a_b', '100%', 'one,two', ',', 'back\\slash', 'a+b & c=d?', 'Größe', '[x](y)', "Ann's server"])(
    'are found as %s, beside names the filter confuses with it',
    async (name) => {
      for (const other of ['axb', '100x', 'two', 'one', 'backslash', 'a b & c=d?', 'x', 'y']) add(other);
      expect(await idsNamed(name)).toEqual([]);
      const id = add(name);
      expect(await idsNamed(name)).toEqual([id]);
    },
  );

  it('are found on every page, and without the spaces the panel never stores', async () => {
    const wanted = add('mine');
    for (let count = 0; count < 210; count += 1) add(`mine ${count}`);
    const last = add('mine');
    expect(await idsNamed(' mine ')).toEqual([wanted, last]);
  });

  it('are found whatever invisible the panel keeps of the name, or takes from it', async () => {
    const kept = add('thin\u200b');
    const taken = add('thin');
    for (const name of ['thin', 'thin\u200b', '\u200ethin\u200b', 'th\u200bin']) {
      expect(await idsNamed(name), JSON.stringify(name)).toEqual([kept, taken]);
    }
  });

  it('are never all of them: an empty name is not asked for', async () => {
    add('mine');
    panel.faults.inject(/./, { kind: 'reset' });
    expect([await idsNamed(''), await idsNamed('  ')]).toEqual([[], []]);
  });

  it('are read again each time', async () => {
    expect(await idsNamed('mine')).toEqual([]);
    const id = add('mine');
    expect(await idsNamed('mine')).toEqual([id]);
  });

  it('are unknown, not absent, to a key that may not read servers', async () => {
    panel.setKeyPermissions(panel.applicationKey, { servers: 0 });
    expect(await search.serversNamed('mine', calm)).toEqual({
      ok: false,
      failure: { source: 'pterodactyl', kind: 'not-permitted', scope: 'servers: read' },
    });
  });

  it('are unknown, not absent, when there are more pages than are read', async () => {
    panel.addAllocations(nodeId, { ports: { from: 30_000, to: 31_999 } });
    for (let count = 0; count < 2010; count += 1) add(`mine ${count}`);
    expect(await search.serversNamed('mine', calm)).toMatchObject({ ok: false, failure: { kind: 'not-provided' } });
  });
});
