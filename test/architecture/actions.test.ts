import { describe, expect, test } from 'vitest';
import { actions } from '../../src/core/actions/index.ts';
import type { ActionId } from '../../src/core/check.ts';
import { checks } from '../../src/core/checks/index.ts';
import type { Permission } from '../../src/core/permission.ts';
import { filesIn, type ProjectFile } from './project-files.ts';

/** The public names. They are typed, logged and kept in claims: one that was given out is never reused. */
const publicActions: readonly (readonly [id: ActionId, label: string, permission: Permission])[] = [
  ['retry-provisioning', 'Retry provisioning', 'act.retry'],
  ['create-panel-account', 'Create panel account', 'act.account'],
  ['redeliver-webhook', 'Redeliver webhook', 'act.webhook'],
  ['enable-endpoint', 'Enable endpoint', 'act.webhook'],
  ['link-server', 'Link server', 'act.repair'],
  ['restore-status', 'Restore status', 'act.repair'],
  ['reinstall-server', 'Reinstall server', 'act.reinstall'],
  ['vouch', 'Vouch', 'act.vouch'],
];

const headings = [
  'What it does',
  'When it is refused',
  'What it writes, step by step',
  'How it is verified and what the outcomes mean',
  'When it is wrong, by hand',
];

/** Files of the folder that several actions share. */
const shared: readonly string[] = ['index', 'refusals', 'server-search'];

const folders = [
  ['src/core/actions/', '.ts'],
  ['test/unit/core/actions/', '.test.ts'],
  ['docs/actions/', '.md'],
] as const;

const files = filesIn(['src/core/actions', 'test/unit/core/actions', 'docs/actions'], ['.ts', '.md']);

/** Everything in which the list and the files disagree, in words. */
function disagreements(ids: readonly string[], all: readonly ProjectFile[]): readonly string[] {
  const paths = new Set(all.map(({ path }) => path));
  return folders.flatMap(([folder, ending]) => {
    const named = [...paths]
      .filter((path) => path.startsWith(folder) && path.endsWith(ending))
      .map((path) => path.slice(folder.length, -ending.length))
      .filter((name) => !shared.includes(name));
    return [
      ...ids.filter((id) => !named.includes(id)).map((id) => `${folder}${id}${ending} is missing.`),
      ...named.filter((name) => !ids.includes(name)).map((name) => `${folder}${name}${ending} belongs to no action.`),
    ];
  });
}

/** What a page lacks, in words. */
function faultsOfPage(label: string, { path, text }: ProjectFile): readonly string[] {
  const written = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  return [
    ...(text.startsWith(`# ${label}\n`) ? [] : [`${path} is not called "${label}".`]),
    ...(JSON.stringify(written) === JSON.stringify(headings) ? [] : [`${path} does not have the five headings.`]),
  ];
}

test('the list holds every public action with its label and permission', () => {
  expect(actions.map(({ id, label, permission }) => [id, label, permission])).toEqual(publicActions);
});

test('every action has its file, its test and its page, and nothing else lies there', () => {
  expect(
    disagreements(
      actions.map(({ id }) => id),
      files,
    ),
  ).toEqual([]);
});

test('every action is called in its file as the file is', () => {
  const misnamed = actions.filter(
    ({ id }) => !files.some(({ path, text }) => path === `src/core/actions/${id}.ts` && text.includes(`id: '${id}'`)),
  );
  expect(misnamed).toEqual([]);
});

test('every page has its title and the five headings, and names every step that is recorded', () => {
  for (const { id, label } of actions) {
    const page = files.find(({ path }) => path === `docs/actions/${id}.md`);
    const source = files.find(({ path }) => path === `src/core/actions/${id}.ts`)?.text ?? '';
    expect(page === undefined ? ['missing'] : faultsOfPage(label, page)).toEqual([]);
    const steps = [...source.matchAll(/claim\.step\('([a-z-]+)'/g)].map((match) => match[1]);
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) expect(page?.text).toContain(`\`${step}\``);
  }
});

test('what a check names as its cure is an action of the list', () => {
  const ids = actions.map(({ id }) => id);
  const cures = checks.flatMap(({ remediation }) => (remediation === null ? [] : [remediation]));
  expect(cures.length).toBeGreaterThan(0);
  expect(cures.filter((cure) => !ids.includes(cure))).toEqual([]);
});

describe('is noticed:', () => {
  const planted = folders.map(([folder, ending]) => `${folder}vouch${ending}`);

  test.each(planted)('%s is missing', (path) => {
    const rest = planted.filter((one) => one !== path).map((one) => ({ path: one, text: '' }));
    expect(disagreements(['vouch'], rest)).toEqual([`${path} is missing.`]);
  });

  test.each(planted)('%s belongs to no action', (path) => {
    expect(disagreements([], [{ path, text: '' }])).toEqual([`${path} belongs to no action.`]);
  });

  test('a page of another name, and one that lacks a heading', () => {
    const whole = headings.map((heading) => `## ${heading}\n`);
    const path = 'docs/actions/vouch.md';
    expect(faultsOfPage('Vouch', { path, text: `# Vouch\n${whole.join('')}` })).toEqual([]);
    expect(faultsOfPage('Vouch', { path, text: `# Vouching\n${whole.join('')}` })).toHaveLength(1);
    expect(faultsOfPage('Vouch', { path, text: `# Vouch\n${whole.slice(1).join('')}` })).toHaveLength(1);
  });
});
