import type { StepEnd } from './claim.ts';
import { describeFailure, type UpstreamFailure } from './failure.ts';
import type { Result } from './result.ts';
import { unreachable } from './result.ts';

/** Whether a write that met this trouble certainly did not happen. */
export function isCertainlyUnwritten(failure: UpstreamFailure): boolean {
  switch (failure.kind) {
    case 'credentials-rejected':
    case 'not-permitted':
    case 'endpoint-missing':
    case 'rate-limited':
    case 'request-refused':
    case 'not-configured':
    case 'not-provided':
      return true;
    case 'unreachable':
    case 'timed-out':
    case 'upstream-broken':
    case 'unexpected-shape':
      return false;
    default:
      return unreachable(failure);
  }
}

/** How a write ended that met trouble outside. */
export function endOfFailure(failure: UpstreamFailure): StepEnd {
  return isCertainlyUnwritten(failure)
    ? { kind: 'refused', words: describeFailure(failure) }
    : { kind: 'unclear', words: `${describeFailure(failure)} It may have been written all the same.` };
}

/** How a compare-and-set ended. */
export function endOfCompareAndSet(
  written: Result<boolean, UpstreamFailure>,
  words: { readonly done: string; readonly changed: string },
): StepEnd {
  if (!written.ok) return endOfFailure(written.failure);
  return written.value ? { kind: 'done', words: words.done } : { kind: 'refused', words: words.changed };
}
