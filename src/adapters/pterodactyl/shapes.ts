import { z } from 'zod';
import type { EggVariable, PanelNode, PanelServer, PanelUser } from '../../core/evidence.ts';

/** `2024-01-01T00:00:00+00:00` */
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const text = z.string();

/** One item: `{object, attributes}`. */
export function itemOf<T>(attributes: z.ZodType<T>): z.ZodType<T> {
  return z.object({ attributes }).transform((item) => item.attributes);
}

/** A page of items with the number of pages there are. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly totalPages: number;
  readonly total: number;
}

export function pageOf<T>(attributes: z.ZodType<T>): z.ZodType<Page<T>> {
  return z
    .object({
      data: z.array(itemOf(attributes)),
      meta: z.object({ pagination: z.object({ total_pages: z.int(), total: z.int() }) }),
    })
    .transform(({ data, meta }) => ({
      items: data,
      totalPages: meta.pagination.total_pages,
      total: meta.pagination.total,
    }));
}

/** A relation asked for with `include`; `null` when the key may not read it, which the panel answers with 200. */
function relationOf<T>(attributes: z.ZodType<T>): z.ZodType<readonly T[] | null> {
  return z.union([
    z.object({ object: z.literal('null_resource') }).transform(() => null),
    z.object({ data: z.array(itemOf(attributes)) }).transform((list) => list.data),
  ]);
}

export const userShape: z.ZodType<PanelUser> = z
  .object({ id: z.int(), email: text, username: text, root_admin: z.boolean(), created_at: moment })
  .transform((user) => ({
    id: user.id,
    email: user.email,
    username: user.username,
    rootAdmin: user.root_admin,
    createdAt: user.created_at,
  }));

/** `status` must be there, if only as `null`: panels before 1.3 lack it, and what a server is cannot be told. */
export const serverShape: z.ZodType<PanelServer> = z
  .object({
    id: z.int(),
    uuid: text,
    identifier: text,
    external_id: text.nullable(),
    name: text,
    status: text.nullable(),
    suspended: z.boolean().optional(),
    user: z.int(),
    node: z.int(),
    nest: z.int().optional(),
    egg: z.int().optional(),
    limits: z.object({ memory: z.number() }),
    created_at: moment,
  })
  .transform((server) => ({
    id: server.id,
    uuid: server.uuid,
    identifier: server.identifier,
    externalId: server.external_id,
    name: server.name,
    status: server.status,
    suspended: server.suspended === true || server.status === 'suspended',
    ownerId: server.user,
    nodeId: server.node,
    nestId: server.nest ?? null,
    eggId: server.egg ?? null,
    memoryMib: server.limits.memory,
    createdAt: server.created_at,
  }));

export const userWithServersShape = z.object({ relationships: z.object({ servers: relationOf(serverShape) }) });

export const nodeShape: z.ZodType<PanelNode> = z
  .object({
    id: z.int(),
    name: text,
    fqdn: text,
    scheme: text,
    daemon_listen: z.int(),
    maintenance_mode: z.boolean(),
    public: z.boolean(),
    memory: z.number(),
    allocated_resources: z.object({ memory: z.number() }),
  })
  .transform((node) => ({
    id: node.id,
    name: node.name,
    fqdn: node.fqdn,
    scheme: node.scheme,
    daemonPort: node.daemon_listen,
    maintenance: node.maintenance_mode,
    public: node.public,
    memoryMib: node.memory,
    memoryAllocatedMib: node.allocated_resources.memory,
  }));

export const allocationShape = z.object({ assigned: z.boolean() });

const variableShape: z.ZodType<EggVariable> = z
  .object({ env_variable: text, name: text, rules: text, default_value: z.union([text, z.number()]).nullish() })
  .transform((variable) => ({
    envVariable: variable.env_variable,
    name: variable.name,
    rules: variable.rules,
    defaultValue:
      variable.default_value === null || variable.default_value === undefined ? null : String(variable.default_value),
  }));

export const eggShape = z.object({ name: text, relationships: z.object({ variables: relationOf(variableShape) }) });

export const resourcesShape = z.object({ current_state: text });

/** The panel's error envelope; usually with one entry, with one for each failed rule of a body. */
export const refusalShape = z.object({
  errors: z
    .array(
      z.object({
        code: text,
        detail: text.nullish().transform((detail) => detail ?? ''),
        meta: z.object({ source_field: text.nullish(), rule: text.nullish() }).nullish().catch(null),
      }),
    )
    .min(1),
});
