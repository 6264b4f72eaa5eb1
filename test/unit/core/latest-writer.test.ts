import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLatestWriter } from '../../../src/core/latest-writer.ts';

function aWriter({ paceMs = 5, writeMs = 2, works = true } = {}) {
  const written: string[] = [];
  let atOnce = 0;
  let most = 0;
  const writer = createLatestWriter<string>({
    pace: () => sleep(paceMs),
    async write(value, isFinal) {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await sleep(writeMs);
      atOnce -= 1;
      written.push(isFinal ? `${value}!` : value);
      return works;
    },
  });
  return { writer, written, most: () => most };
}

describe('a message that changes', () => {
  test('is written with the newest value only', async () => {
    const { writer, written } = aWriter();
    for (const value of ['a', 'b', 'c']) writer.put(value);
    await sleep(30);
    expect(written).toEqual(['c']);
  });

  test('is written once at a time, and last with what is final', async () => {
    const { writer, written, most } = aWriter({ paceMs: 0 });
    writer.put('a');
    await sleep(3);
    writer.put('b');
    expect(await writer.finish('done')).toBe(true);
    await sleep(20);
    expect(written.at(-1)).toBe('done!');
    expect(most()).toBe(1);
  });

  test('does not let what is final wait for its turn', async () => {
    const { writer, written } = aWriter({ paceMs: 5000 });
    writer.put('a');
    await writer.finish('done');
    expect(written).toEqual(['done!']);
  });

  test('takes several last words, each in its order', async () => {
    const { writer, written } = aWriter();
    await Promise.all([writer.finish('one'), writer.finish('two')]);
    expect(written).toEqual(['one!', 'two!']);
  });

  test('tells when the last word could not be written, and goes on', async () => {
    const { writer, written } = aWriter({ works: false });
    expect(await writer.finish('done')).toBe(false);
    writer.put('more');
    await expect.poll(() => written).toEqual(['done!', 'more']);
  });
});
