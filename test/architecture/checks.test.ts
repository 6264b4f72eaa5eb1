import { describe, expect, test } from 'vitest';
import type { Role } from '../../src/core/check.ts';
import { checks } from '../../src/core/checks/index.ts';
import type { Stage } from '../../src/core/stage.ts';
import { filesIn } from './project-files.ts';

/** The public codes. They are on cards, in logs and in links: one that was given out is never reused or moved. */
const publicCodes: readonly (readonly [code: string, role: Role, stage: Stage])[] = [
  ['PAY-001', 'cause', 'payment'],
  ['PAY-002', 'cause', 'payment'],
  ['PAY-003', 'cause', 'payment'],
  ['PAY-004', 'cause', 'payment'],
  ['PAY-005', 'cause', 'payment'],
  ['HOOK-001', 'cause', 'webhook'],
  ['HOOK-002', 'cause', 'webhook'],
  ['HOOK-003', 'cause', 'webhook'],
  ['HOOK-004', 'cause', 'webhook'],
  ['HOOK-005', 'cause', 'webhook'],
  ['HOOK-006', 'cause', 'webhook'],
  ['HOOK-007', 'symptom', 'webhook'],
  ['HOOK-008', 'cause', 'webhook'],
  ['HOOK-009', 'symptom', 'webhook'],
  ['ORD-001', 'cause', 'order'],
  ['ORD-002', 'symptom', 'order'],
  ['ORD-003', 'symptom', 'order'],
  ['ORD-004', 'symptom', 'order'],
  ['ORD-005', 'cause', 'order'],
  ['ORD-006', 'cause', 'order'],
  ['ORD-007', 'notice', 'order'],
  ['ORD-008', 'notice', 'order'],
  ['ORD-009', 'symptom', 'order'],
  ['ACC-001', 'cause', 'account'],
  ['ACC-002', 'cause', 'account'],
  ['ACC-003', 'cause', 'account'],
  ['ACC-004', 'cause', 'account'],
  ['CAP-001', 'cause', 'capacity'],
  ['CAP-002', 'cause', 'capacity'],
  ['CAP-003', 'cause', 'capacity'],
  ['CAP-004', 'cause', 'capacity'],
  ['PRV-001', 'cause', 'provisioning'],
  ['PRV-002', 'cause', 'provisioning'],
  ['PRV-003', 'cause', 'provisioning'],
  ['PRV-004', 'cause', 'provisioning'],
  ['PRV-005', 'cause', 'provisioning'],
  ['PRV-006', 'cause', 'provisioning'],
  ['PRV-007', 'cause', 'provisioning'],
  ['PRV-009', 'cause', 'provisioning'],
  ['PRV-008', 'notice', 'provisioning'],
  ['INS-001', 'cause', 'install'],
  ['INS-002', 'symptom', 'install'],
  ['INS-003', 'cause', 'install'],
  ['SRV-001', 'cause', 'server'],
  ['SRV-002', 'cause', 'server'],
  ['SRV-003', 'cause', 'server'],
  ['SRV-004', 'cause', 'server'],
  ['SRV-005', 'notice', 'server'],
  ['SRV-006', 'cause', 'server'],
];

const headings = ['What it means', 'Evidence', 'What staff do', 'What the customer reads', 'When it is wrong'];
const FOLDER = 'src/core/checks/';

const files = filesIn(['src/core/checks'], ['.ts']).filter(({ path }) => path !== `${FOLDER}index.ts`);
const ids = files.map(({ path }) => path.slice(FOLDER.length, -'.ts'.length));
const tests = new Set(filesIn(['test/unit/core/checks'], ['.test.ts']).map(({ path }) => path));
const pages = new Map(filesIn(['docs/checks'], ['.md']).map(({ path, text }) => [path, text]));

test('the list holds every public code with its role and stage, in the order of the path', () => {
  expect(checks.map(({ code, role, stage }) => [code, role, stage])).toEqual(publicCodes);
});

test('no two checks share a code', () => {
  expect(new Set(checks.map(({ code }) => code)).size).toBe(checks.length);
});

test('the list and the folder hold the same checks', () => {
  expect(checks.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

test('every page and every test belongs to a check', () => {
  expect([...pages.keys()].toSorted()).toEqual(ids.map((id) => `docs/checks/${id}.md`).toSorted());
  expect([...tests].toSorted()).toEqual(ids.map((id) => `test/unit/core/checks/${id}.test.ts`).toSorted());
});

describe.each(files.map(({ path, text }, at) => ({ id: ids[at] ?? path, text })))('$id', ({ id, text }) => {
  const check = checks.find((one) => one.id === id);

  test('is called in its file as the file is, and is listed', () => {
    expect(text).toContain(`id: '${id}'`);
    expect(check).toBeDefined();
  });

  test('has a test of its own', () => {
    expect(tests).toContain(`test/unit/core/checks/${id}.test.ts`);
  });

  test('has a page with its code and title and the five headings', () => {
    const page = pages.get(`docs/checks/${id}.md`) ?? '';
    expect(page.split('\n')[0]).toBe(`# ${check?.code}: ${check?.title}`);
    expect([...page.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(headings);
  });
});
