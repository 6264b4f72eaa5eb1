import { describeFailure, type FailureOf, nameOfSource, type SystemId } from './failure.ts';
import { type Result, unreachable } from './result.ts';

/** What a probe saw once it could look. */
export type ProbeFinding =
  | { readonly kind: 'fine'; readonly note?: string }
  /** Works, yet somebody should know. */
  | { readonly kind: 'warning'; readonly note: string; readonly remedy?: string }
  /** Could be looked at and is wrong: as bad as a permission that is missing. */
  | { readonly kind: 'fault'; readonly note: string; readonly remedy?: string }
  /** The administrator gave nothing to try. */
  | { readonly kind: 'not-configured'; readonly note: string; readonly remedy?: string };

/** One question about a credential. It only reads, and ends when `signal` aborts. */
export interface Probe {
  /** What it proves, for example `Checkout Sessions: Read`. */
  readonly name: string;
  /** Whether pterodoc can do its work without; a failure of what is optional is a warning. */
  readonly needed: 'required' | 'optional';
  /** What to do when the permission is missing; a finding may name a remedy that fits better. */
  readonly remedy: string;
  run(signal: AbortSignal): Promise<Result<ProbeFinding, FailureOf<SystemId>>>;
}

/** All questions about one credential. */
export interface CredentialProber {
  readonly source: SystemId;
  /** What to do when the whole credential is refused. */
  readonly keyRemedy: string;
  /** What to do when nobody, or somebody else, answers at the source's address. */
  readonly addressRemedy: string;
  readonly probes: readonly Probe[];
}

/** A source that the administrator left out. */
export interface NotConfigured {
  readonly source: SystemId;
  /** What cannot be told without it. */
  readonly note: string;
  readonly remedy: string;
}

export interface DoctorLine {
  readonly source: SystemId;
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed' | 'not-configured';
  readonly text: string;
  /** `null`: there is nothing to do. */
  readonly remedy: string | null;
}

export interface DoctorReport {
  /** In the order of the probers and their probes. */
  readonly lines: readonly DoctorLine[];
  /** 1 when something required failed. */
  readonly exitCode: 0 | 1;
}

/** Enough to be quick, few enough not to meet the rate limit of a source that others use too. */
const mostAtOnce = 4;

/** Asks every probe of every source, all sources at the same time, and is done when `deadlineMs` have passed. */
export async function examine(
  probers: readonly (CredentialProber | NotConfigured)[],
  deadlineMs: number,
): Promise<DoctorReport> {
  const controller = new AbortController();
  const { promise: timeIsUp, resolve: end } = Promise.withResolvers<'time-is-up'>();
  const timer = setTimeout(() => {
    controller.abort();
    end('time-is-up');
  }, deadlineMs);
  const run: Run = async (prober, probe) => {
    if (controller.signal.aborted) return lineOf(prober, probe, 'The time was up before this could be asked.', null);
    // A probe that does not end by itself must not keep the others' answers from being shown.
    const answer = await Promise.race([probe.run(controller.signal), timeIsUp]);
    if (answer === 'time-is-up') {
      return failureLine(prober, probe, { source: prober.source, kind: 'timed-out', afterMs: deadlineMs });
    }
    return answer.ok ? findingLine(prober, probe, answer.value) : failureLine(prober, probe, answer.failure);
  };
  try {
    const lines = await Promise.all(
      probers.map((prober) => ('probes' in prober ? examineSource(prober, run) : [notConfiguredLine(prober)])),
    );
    const flat = lines.flat();
    return { lines: flat, exitCode: flat.some(({ status }) => status === 'failed') ? 1 : 0 };
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

type Run = (prober: CredentialProber, probe: Probe) => Promise<DoctorLine>;

async function examineSource(prober: CredentialProber, run: Run): Promise<readonly DoctorLine[]> {
  const lines: DoctorLine[] = [];
  const waiting = [...prober.probes.entries()];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, probe] = next;
      lines[place] = await run(prober, probe);
    }
  }
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return lines;
}

function findingLine({ source }: CredentialProber, probe: Probe, finding: ProbeFinding): DoctorLine {
  const { name } = probe;
  switch (finding.kind) {
    case 'fine':
      return { source, name, status: 'ok', text: finding.note ?? 'Works.', remedy: null };
    case 'warning':
      return { source, name, status: 'warning', text: finding.note, remedy: finding.remedy ?? probe.remedy };
    case 'fault':
      return { source, name, status: statusOf(probe), text: finding.note, remedy: finding.remedy ?? probe.remedy };
    case 'not-configured':
      return { source, name, status: 'not-configured', text: finding.note, remedy: finding.remedy ?? probe.remedy };
    default:
      return unreachable(finding);
  }
}

function failureLine(prober: CredentialProber, probe: Probe, failure: FailureOf<SystemId>): DoctorLine {
  return lineOf(prober, probe, describeFailure(failure), remedyFor(prober, probe, failure));
}

function lineOf({ source }: CredentialProber, probe: Probe, text: string, remedy: string | null): DoctorLine {
  const fallback = 'Run the doctor again once the source answers in time.';
  return { source, name: probe.name, status: statusOf(probe), text, remedy: remedy ?? fallback };
}

function statusOf({ needed }: Probe): 'failed' | 'warning' {
  return needed === 'required' ? 'failed' : 'warning';
}

/** A missing permission is the probe's own matter; everything else lies in the key, the address or the source. */
function remedyFor({ source, keyRemedy, addressRemedy }: CredentialProber, probe: Probe, failure: FailureOf<SystemId>) {
  switch (failure.kind) {
    case 'credentials-rejected':
      return keyRemedy;
    case 'unreachable':
    case 'timed-out':
    case 'unexpected-shape':
      return addressRemedy;
    case 'rate-limited':
      return 'Wait a minute, then run the doctor again; something else may be using up the limit with the same key.';
    case 'upstream-broken':
      return `Run the doctor again later; when it stays, look at the status and the logs of ${inSentence(source)}.`;
    case 'not-permitted':
    case 'endpoint-missing':
    case 'request-refused':
    case 'not-provided':
    case 'not-configured':
      return probe.remedy;
    default:
      return unreachable(failure);
  }
}

function inSentence(source: SystemId): string {
  return source === 'pterodactyl' ? 'the panel' : nameOfSource(source);
}

function notConfiguredLine({ source, note, remedy }: NotConfigured): DoctorLine {
  return { source, name: nameOfSource(source), status: 'not-configured', text: note, remedy };
}
