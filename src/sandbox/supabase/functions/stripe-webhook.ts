import type { Stripe } from 'stripe';
import { type EdgeFunction, type FunctionContext, json } from '../edge-function.ts';
import { createProjectClient } from './project-client.ts';

/** Turns Stripe's events into orders, the way the shop does: every delivery of an event is taken at face value. */
export const stripeWebhook: EdgeFunction = async (request, context) => {
  if (request.method === 'OPTIONS') return new Response('ok');
  try {
    const body = await request.text();
    const signature = request.headers.get('stripe-signature');
    if (signature === null) return json(400, { error: 'Missing stripe-signature header' });
    const event = await verifiedEvent(body, signature, context);
    if (event === null) return json(400, { error: 'Invalid signature' });
    return (await handle(event, context)) ?? json(200, { received: true });
  } catch (error) {
    context.console.error('Webhook error:', error);
    return json(500, { error: messageOf(error) });
  }
};

async function verifiedEvent(body: string, signature: string, context: FunctionContext): Promise<Stripe.Event | null> {
  const { default: StripeSdk } = await import('stripe');
  try {
    return await StripeSdk.webhooks.constructEventAsync(
      body,
      signature,
      context.env('STRIPE_WEBHOOK_SECRET') ?? '',
      undefined,
      undefined,
      context.now(),
    );
  } catch (error) {
    context.console.error('Webhook signature verification failed:', error);
    return null;
  }
}

/** The answer to Stripe when it is not the usual one. */
async function handle(event: Stripe.Event, context: FunctionContext): Promise<Response | null> {
  switch (event.type) {
    case 'checkout.session.completed':
      return completeCheckout(event.data.object, context);
    case 'customer.subscription.updated':
      // Whatever the subscription's own status is.
      await setStatus(context, event.data.object.id, 'paid');
      return null;
    case 'customer.subscription.deleted':
      await setStatus(context, event.data.object.id, 'canceled');
      return null;
    case 'invoice.payment_failed': {
      // Events of API version 2025-03-31 and later do not carry this field any more.
      const { subscription } = event.data.object as { readonly subscription?: string };
      if (subscription) await setStatus(context, subscription, 'error');
      return null;
    }
    default:
      context.console.log(`Unhandled event type: ${event.type}`);
      return null;
  }
}

async function completeCheckout(session: Stripe.Checkout.Session, context: FunctionContext): Promise<Response | null> {
  const metadata = session.metadata ?? {};
  context.console.log('Checkout session completed:', { mode: session.mode, session_id: session.id, metadata });
  if (!metadata['user_id']) {
    const error = 'Missing required metadata in checkout session';
    context.console.error(error, { session_id: session.id, metadata });
    return json(400, { error, received: false });
  }
  if (session.mode !== 'subscription' || !session.subscription) {
    const error = 'Checkout session not in subscription mode or missing subscription';
    context.console.error(error, { mode: session.mode, session_id: session.id });
    return json(400, { error, received: false });
  }
  const subscriptionId = typeof session.subscription === 'string' ? session.subscription : session.subscription.id;
  const orderId = await insertOrder(metadata, subscriptionId, context);
  if (metadata['item_type'] === 'game') await triggerProvisioning(orderId, context);
  return null;
}

async function insertOrder(
  metadata: Readonly<Record<string, string>>,
  subscriptionId: string,
  context: FunctionContext,
): Promise<string> {
  const { data, error } = await createProjectClient(context)
    .from('orders')
    .insert({
      user_id: metadata['user_id'],
      item_type: metadata['item_type'],
      plan_id: metadata['plan_id'],
      term: metadata['term'],
      region: metadata['region'],
      server_name: metadata['server_name'],
      addons: JSON.parse(metadata['addons'] || '[]'),
      stripe_sub_id: subscriptionId,
      status: 'paid',
    })
    .select()
    .single();
  if (error !== null) {
    context.console.error('Error creating order:', error);
    throw error;
  }
  context.console.log('Order created successfully:', { order_id: data.id });
  return data.id;
}

/** Waits for the server before Stripe gets its answer, and calls the order failed whatever became of it meanwhile. */
async function triggerProvisioning(orderId: string, context: FunctionContext): Promise<void> {
  context.console.log('Triggering server provisioning for order:', orderId);
  try {
    const answer = await fetch(`${context.functionsUrl}/servers-provision`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${String(context.env('SUPABASE_SERVICE_ROLE_KEY'))}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ order_id: orderId }),
    });
    if (answer.ok) {
      context.console.log('Server provisioning triggered successfully:', await answer.json());
      return;
    }
    context.console.error(`Provisioning failed: ${answer.status} - ${await answer.text()}`);
    context.console.warn('Provisioning failed but order created. Manual retry required.');
  } catch (error) {
    context.console.error('Failed to trigger server provisioning:', messageOf(error));
  }
  await createProjectClient(context).from('orders').update({ status: 'error' }).eq('id', orderId);
}

async function setStatus(context: FunctionContext, subscriptionId: string, status: string): Promise<void> {
  await createProjectClient(context).from('orders').update({ status }).eq('stripe_sub_id', subscriptionId);
  context.console.log(`Updated order status to ${status} for subscription: ${subscriptionId}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Unknown error occurred';
}
