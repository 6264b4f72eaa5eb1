import type { Hono } from 'hono';
import type { Endpoints } from '../acts/endpoints.ts';
import { invalidValue, Refusal } from '../errors.ts';
import { asBoolean, asList, asTable, asText, type ParamTable, rejectUnknown } from '../params.ts';
import { serveResource, type StripeRoutes } from '../resource.ts';
import { findRecord } from '../scope.ts';
import type { FormRoute } from '../form.ts';

const path = '/v1/webhook_endpoints';

/** https://docs.stripe.com/api/webhook_endpoints */
export function serveWebhookEndpoints(app: Hono<StripeRoutes>, endpoints: Endpoints, form: FormRoute): void {
  serveResource(app, { collection: 'endpoints', path, filters: {} });

  app.post(path, (c) =>
    form(c, (params, scope) => {
      scope.key.require('rak_webhook_write');
      rejectUnknown(params, ['url', 'enabled_events', 'api_version', 'description', 'metadata', 'expand', 'connect']);
      const url = params.get('url');
      const enabledEvents = params.get('enabled_events');
      if (url === undefined) throw missingParameter('url');
      if (enabledEvents === undefined) throw missingParameter('enabled_events');
      const apiVersion = params.get('api_version');
      const { id, secret } = endpoints.create({
        url: urlOf(asText(url, 'url')),
        enabledEvents: asList(enabledEvents, 'enabled_events'),
        apiVersion: apiVersion === undefined ? null : asText(apiVersion, 'api_version'),
        livemode: scope.key.livemode,
      });
      endpoints.update(id, textChanges(params));
      return { ...findRecord(scope, 'endpoints', id, { param: 'webhook_endpoint', status: 404 }), secret };
    }),
  );

  app.post(`${path}/:id`, (c) =>
    form(c, (params, scope) => {
      scope.key.require('rak_webhook_write');
      const blame = { param: 'webhook_endpoint', status: 404 } as const;
      const { id } = findRecord(scope, 'endpoints', c.req.param('id'), blame);
      rejectUnknown(params, ['url', 'enabled_events', 'disabled', 'description', 'metadata', 'expand']);
      const url = params.get('url');
      const enabledEvents = params.get('enabled_events');
      const disabled = params.get('disabled');
      endpoints.update(id, {
        ...(url === undefined ? {} : { url: urlOf(asText(url, 'url')) }),
        ...(enabledEvents === undefined ? {} : { enabledEvents: asList(enabledEvents, 'enabled_events') }),
        ...(disabled === undefined ? {} : { disabled: asBoolean(disabled, 'disabled') }),
        ...textChanges(params),
      });
      return findRecord(scope, 'endpoints', id, blame);
    }),
  );

  app.delete(`${path}/:id`, (c) => {
    const scope = c.get('scope');
    scope.key.require('rak_webhook_write');
    const { id } = findRecord(scope, 'endpoints', c.req.param('id'), { param: 'webhook_endpoint', status: 404 });
    endpoints.remove(id);
    return c.json({ id, object: 'webhook_endpoint', deleted: true });
  });
}

function textChanges(params: ParamTable): { description?: string; metadata?: Record<string, string> } {
  const description = params.get('description');
  const metadata = params.get('metadata');
  return {
    ...(typeof description === 'string' ? { description } : {}),
    ...(metadata === undefined ? {} : { metadata: metadataOf(asTable(metadata, 'metadata')) }),
  };
}

function metadataOf(table: ParamTable): Record<string, string> {
  return Object.fromEntries([...table].map(([name, value]) => [name, asText(value, `metadata[${name}]`)]));
}

function urlOf(text: string): string {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text))
    throw invalidValue('Not a valid URL', 'url', 'url_invalid');
  return text;
}

function missingParameter(name: string): Refusal {
  return new Refusal(400, `Missing required param: ${name}.`, { code: 'parameter_missing', param: name });
}
