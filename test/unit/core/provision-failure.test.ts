import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyAnswer, classifyReason, type ProvisionFailure } from '../../../src/core/provision-failure.ts';

/** The panel's error envelope. */
function panelBody(
  ...errors: readonly { readonly code?: string; readonly status?: string; readonly field?: string }[]
): string {
  return JSON.stringify({
    errors: errors.map(({ code = 'ValidationException', status = '422', field }) => ({
      code,
      status,
      detail: `About ${field ?? 'it'}.`,
      ...(field === undefined ? {} : { meta: { source_field: field, rule: 'exists' } }),
    })),
  });
}

describe('classifyReason', () => {
  test.each<[string, ProvisionFailure]>([
    ['No available nodes in region: eu-west', { kind: 'no-enabled-node', region: 'eu-west' }],
    ['No available nodes in region: ', { kind: 'no-enabled-node', region: '' }],
    [
      'No available capacity for plan mc-8 in region eu west',
      { kind: 'no-capacity', planId: 'mc-8', region: 'eu west' },
    ],
    ['No available capacity for plan mc-8 in region ', { kind: 'no-capacity', planId: 'mc-8', region: '' }],
    ['No available ports on selected node', { kind: 'no-free-allocation' }],
    ['User email not found. Cannot create Pterodactyl account.', { kind: 'no-profile-email' }],
    ['Pterodactyl configuration missing', { kind: 'unconfigured' }],
    ["Invalid URL: 'undefined/api/application/nodes/1/allocations'", { kind: 'unconfigured' }],
    ["TypeError: Invalid URL: 'undefined/api/application/users'", { kind: 'unconfigured' }],
    ['Order not found or not paid: 6f0f2f4e', { kind: 'order-not-paid' }],
    ['Failed to fetch allocations: 401', { kind: 'panel-key-refused', status: 401 }],
    ['Failed to fetch allocations: 403', { kind: 'panel-key-refused', status: 403 }],
    ['Failed to fetch allocations: 404', { kind: 'node-unknown-to-panel' }],
    ['Failed to fetch allocations: 429', { kind: 'panel-rate-limited' }],
    ['Failed to fetch allocations: 502', { kind: 'panel-unreachable', status: 502 }],
    ['Failed to fetch allocations: 503', { kind: 'panel-unreachable', status: 503 }],
    ['Failed to create server: 504', { kind: 'panel-unreachable', status: 504 }],
    [`Failed to create server: 422 ${panelBody({ field: 'egg' })}`, { kind: 'egg-invalid', fields: ['egg'] }],
    [
      `Failed to create server: 422 - ${panelBody({ field: 'environment.VERSION' }, { field: 'environment.VERSION' })}`,
      { kind: 'egg-invalid', fields: ['environment.VERSION'] },
    ],
    [`Failed to create server: 422 ${panelBody({ field: 'user' })}`, { kind: 'panel-user-gone' }],
    [
      `Failed to create server: 403 ${panelBody({ code: 'DaemonConnectionException', status: '403' })}`,
      { kind: 'wings-silent' },
    ],
    [
      `Failed to create server: 403 ${panelBody({ code: 'AccessDeniedHttpException', status: '403' })}`,
      { kind: 'panel-key-refused', status: 403 },
    ],
    ['Failed to create server: 200 <!doctype html>', { kind: 'panel-not-api' }],
    ['Failed to create server: 500 <html>', { kind: 'panel-unreachable', status: 500 }],
    [
      `Failed to create Pterodactyl user: 422 ${panelBody({ field: 'username' })}`,
      { kind: 'panel-account-refused', fields: ['username'] },
    ],
    ['TypeError: fetch failed', { kind: 'panel-unreachable', status: null }],
    [
      'error sending request for url (https://panel.example.com/api): client error (Connect)',
      { kind: 'panel-unreachable', status: null },
    ],
    ['SyntaxError: Unexpected token \'<\', "<!doctype"... is not valid JSON', { kind: 'panel-not-api' }],
    ['Unexpected token < in JSON at position 0', { kind: 'panel-not-api' }],
  ])('reads "%s"', (message, failure) => {
    expect(classifyReason(message)).toEqual(failure);
  });

  test('reads the same message with the name of the error before it', () => {
    expect(classifyReason('Error: No available ports on selected node')).toEqual({ kind: 'no-free-allocation' });
  });

  test("takes the status of a refused account from the panel's own envelope when the function leaves it out", () => {
    const refused = `Failed to create Pterodactyl user: ${panelBody({ field: 'email' }, { field: 'username' })}`;
    expect(classifyReason(refused)).toEqual({ kind: 'panel-account-refused', fields: ['email', 'username'] });
    const keyless = `Failed to create Pterodactyl user: ${panelBody({ code: 'AuthenticationException', status: '401' })}`;
    expect(classifyReason(keyless)).toEqual({ kind: 'panel-key-refused', status: 401 });
    expect(classifyReason('Failed to create Pterodactyl user: <html>')).toEqual({ kind: 'panel-not-api' });
    expect(classifyReason('Failed to create Pterodactyl user: ')).toMatchObject({ kind: 'other' });
  });

  test('keeps what it does not know, in its own words', () => {
    expect(classifyReason('duplicate key value', 500)).toEqual({
      kind: 'other',
      status: 500,
      text: 'duplicate key value',
    });
    expect(classifyReason('Failed to create server: 422 {"errors":[{"code":"X","detail":"No such thing."}]}')).toEqual({
      kind: 'other',
      status: 422,
      text: 'No such thing.',
    });
  });

  test('reads a body that was cut off as an answer without an envelope', () => {
    const cut = `Failed to create server: 422 ${panelBody({ field: 'egg' }).slice(0, -5)}`;
    expect(classifyReason(cut)).toMatchObject({ kind: 'other', status: 422 });
  });

  test.each([
    'Order not found or not paid: No available ports on selected node',
    'Order not found or not paid: x\nNo available ports on selected node',
    'Order not found or not paid: x\nNo available nodes in region: eu',
  ])('takes no pattern within an order id for the reason: %j', (message) => {
    expect(classifyReason(message)).toEqual({ kind: 'order-not-paid' });
  });

  test.each([
    'He said: No available ports on selected node',
    'No available ports on selected node, he said',
    'No available nodes in region: eu\nand more',
    `No available nodes in region: ${'x'.repeat(81)}`,
    'No available capacity for plan a b in region eu',
    'x TypeError: fetch failed',
    "Cannot read: Unexpected token '<'",
  ])('does not find a pattern in the middle of "%s"', (message) => {
    expect(classifyReason(message).kind).toBe('other');
  });

  test('never fails, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(classifyReason(text).kind).toBeTypeOf('string');
      }),
    );
  });

  test('reads any order id as an order that was not to be provisioned', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (id) => {
        expect(classifyReason(`Order not found or not paid: x${id}`)).toEqual({ kind: 'order-not-paid' });
      }),
    );
  });
});

describe('classifyAnswer', () => {
  test.each<[number, string, ProvisionFailure]>([
    [404, '{"code":"NOT_FOUND","message":"Requested function was not found"}', { kind: 'not-deployed' }],
    [500, '{"code":"WORKER_ERROR"}', { kind: 'crashed', limit: 'crash' }],
    [503, '{"code":"BOOT_ERROR"}', { kind: 'crashed', limit: 'boot' }],
    [504, '{"code":"IDLE_TIMEOUT"}', { kind: 'crashed', limit: 'time' }],
    [546, '{"code":"WORKER_RESOURCE_LIMIT"}', { kind: 'crashed', limit: 'resources' }],
    [546, '{"code":"WORKER_LIMIT"}', { kind: 'crashed', limit: 'resources' }],
    [546, '', { kind: 'crashed', limit: 'resources' }],
    [504, '<html>', { kind: 'crashed', limit: 'time' }],
    [500, '{"error":"No available ports on selected node"}', { kind: 'no-free-allocation' }],
    [500, '{"error":"Something else"}', { kind: 'other', status: 500, text: 'Something else' }],
    [401, '{"error":"Invalid authentication"}', { kind: 'other', status: 401, text: 'Invalid authentication' }],
    [500, 'plain', { kind: 'other', status: 500, text: 'plain' }],
    [500, '[]', { kind: 'other', status: 500, text: '[]' }],
    [500, '{"error":{"nested":true}}', { kind: 'other', status: 500, text: '{"error":{"nested":true}}' }],
  ])('reads %i %s', (status, body, failure) => {
    expect(classifyAnswer(status, body)).toEqual(failure);
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'takes "%s" for no code of the gateway',
    (code) => {
      expect(classifyAnswer(500, `{"code":"${code}"}`)).toMatchObject({ kind: 'other', status: 500 });
    },
  );

  test('never fails, whatever the body', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        expect(classifyAnswer(status, body).kind).toBeTypeOf('string');
      }),
    );
  });
});
