import type { DeliveryRefusal, RefusedDelivery } from './delivery-log.ts';
import { cleanForeignText } from './foreign-text.ts';
import type { EvidenceItem } from './reading.ts';
import { unreachable } from './result.ts';

/**
 * A refused delivery as staff may read it. The run may have been another customer's: e-mail addresses are blotted out,
 * and of a printed object only its message is kept, since the rest can hold a whole row.
 */
export function refusalEvidence({ refusal, at, line }: RefusedDelivery): EvidenceItem {
  const text = line === null ? '' : `: ${cleaned(line)}`;
  return { source: 'logs', at, text: `stripe-webhook ${answerOf(refusal)}${text}`, ref: { kind: 'function-logs' } };
}

/** What the function, or the gateway before it, answered: "answered 500". */
export function answerOf(refusal: DeliveryRefusal): string {
  switch (refusal.kind) {
    case 'signature':
      return 'refused the signature';
    case 'mode':
      return 'met an object of the other mode';
    case 'gateway-needs-key':
      return 'was shut by the gateway with 401';
    case 'not-deployed':
      return 'was not there (404)';
    case 'crashed':
      return `crashed or hit its limits (${refusal.status})`;
    case 'other':
      return `answered ${refusal.status}`;
    default:
      return unreachable(refusal);
  }
}

const longestLine = 200;

function cleaned(line: string): string {
  const [head = ''] = line.split(/[{\n]/, 1);
  const message = /\bmessage["']?:\s*(["'`])(.+?)\1/.exec(line)?.[2] ?? '';
  const text = `${head} ${message}`.replaceAll(/[^\s"'<>(),:;]+@[^\s"'<>(),:;]+/g, '…@…');
  return cleanForeignText(text, longestLine);
}
