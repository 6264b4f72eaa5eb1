import type { Opinions } from './action-opinion.ts';
import type { Finding } from './check.ts';
import type { EntryDiagnosis, EntryState } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { describeFailure } from './failure.ts';
import type { Links } from './links.ts';

/** The diagnosis as programs read it; the field names are a public contract. */
export function diagnosisJson(diagnosis: Diagnosis, links: Links, opinions: Opinions) {
  const { query, top } = diagnosis;
  const verdict = top?.verdict ?? null;
  return {
    subject: { query: query.text, kind: query.kind, userId: diagnosis.userId },
    state: diagnosis.state,
    verdict:
      top === null || verdict === null
        ? null
        : {
            code: verdict.code,
            stage: verdict.stage,
            confidence: verdict.confidence,
            orderId: top.subject.kind === 'order' ? top.subject.order.id : null,
            summary: verdict.explanation.what,
          },
    orders: diagnosis.entries.map((entry) => entryJson(entry, links, opinions)),
    sources: diagnosis.sources.map(({ source, status, failure, ms }) => ({
      source,
      status,
      failure: failure === null ? null : describeFailure(failure),
      ms,
    })),
    durationMs: diagnosis.durationMs,
  };
}

function entryJson(entry: EntryDiagnosis, links: Links, opinions: Opinions) {
  return {
    ...identityJson(entry),
    state: entry.state,
    stages: entry.stages,
    findings: entry.findings.map((finding) => findingJson(finding, links)),
    actions: opinions(entry).map(({ id, refusal }) => ({ id, allowed: refusal === null, reason: refusal })),
  };
}

function identityJson({ subject }: EntryDiagnosis) {
  switch (subject.kind) {
    case 'order': {
      const { order } = subject;
      const { lacks } = order;
      return {
        id: order.id,
        status: order.status,
        planId: lacks.has('plan') ? null : order.planId,
        serverName: lacks.has('serverName') ? null : order.serverName,
        createdAt: order.createdAt.toISOString(),
        updatedAt: order.updatedAt.toISOString(),
        pterodactylServerId: order.serverId,
        pterodactylServerIdentifier: lacks.has('serverIdentifier') ? null : order.serverIdentifier,
      };
    }
    case 'session':
      return { ...noOrder, sessionId: subject.session.id, createdAt: subject.session.createdAt.toISOString() };
    case 'person':
      return { ...noOrder, sessionId: null };
  }
}

const noOrder = {
  id: null,
  status: null,
  planId: null,
  serverName: null,
  createdAt: null,
  updatedAt: null,
  pterodactylServerId: null,
  pterodactylServerIdentifier: null,
} as const;

function findingJson(finding: Finding, links: Links) {
  return {
    code: finding.code,
    stage: finding.stage,
    role: finding.role,
    severity: finding.severity,
    confidence: finding.confidence,
    summary: finding.explanation.what,
    evidence: finding.evidence.map(({ source, at, text, ref }) => ({
      source,
      at: at === null ? null : at.toISOString(),
      text,
      link: ref === null ? null : links(ref),
    })),
  };
}

/**
 * JSON that a terminal can print without obeying it: what is invisible or controls is written as an escape, so the
 * value read back is the same.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}

/** The exit code of `pterodoc status`. */
export function exitCodeOf(state: EntryState): 0 | 1 | 2 {
  switch (state) {
    case 'healthy':
    case 'in_progress':
      return 0;
    case 'broken':
      return 1;
    case 'unknown':
      return 2;
  }
}
