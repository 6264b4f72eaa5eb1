import type { LogRow } from './logs.ts';

/** A log query that is refused; its message is what the Management API answers. */
export class LogQueryError extends Error {}

/** A parsed query over the table `logs`. */
export interface LogQuery {
  /** `null` asks for the number of rows only. */
  readonly columns: readonly { readonly name: string; readonly value: Value }[] | null;
  readonly matches: (row: LogRow) => boolean;
  readonly order: 'asc' | 'desc' | null;
  readonly limit: number;
}

type Cell = string | number;
interface Value {
  readonly type: 'string' | 'number' | 'timestamp';
  readonly of: (row: LogRow) => Cell;
}
type Condition = (row: LogRow) => boolean;

const MOST_ROWS = 1000;

/** Runs a query over rows that are already narrowed down to its time window. */
export function runLogQuery(query: LogQuery, rows: readonly LogRow[]): Record<string, Cell>[] {
  const found = rows.filter(query.matches);
  if (query.columns === null) return [{ 'count()': found.length }];
  const columns = query.columns;
  const direction = query.order === 'asc' ? 1 : -1;
  const sorted = query.order === null ? found : found.toSorted((a, b) => direction * (a.atMs - b.atMs));
  return sorted
    .slice(0, query.limit)
    .map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value.of(row)])));
}

/** Parses the part of ClickHouse's SQL that a log query needs, and refuses everything else. */
export function parseLogQuery(sql: string): LogQuery {
  return new Parser(tokenize(sql)).query();
}

interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  readonly text: string;
}

const TOKEN = /\s+|([A-Za-z_]\w*)|'((?:[^'\\]|''|\\.)*)'|(\d+)|(<=|>=|!=|<>|[=<>(),[\]*;])/y;

function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < sql.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(sql);
    if (match === null) throw new LogQueryError(`Syntax error: failed at position ${at + 1}`);
    const [, word, text, number, sign] = match;
    if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (text !== undefined) tokens.push({ kind: 'text', text: unescape(text) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

function unescape(text: string): string {
  return text.replace(/''|\\(['\\])/g, (found, escaped: string | undefined) => escaped ?? found.charAt(0));
}

const COLUMNS: Readonly<Record<string, Value>> = {
  id: { type: 'string', of: (row) => row.id },
  timestamp: { type: 'timestamp', of: (row) => timestampText(row.atMs) },
  event_message: { type: 'string', of: (row) => row.eventMessage },
  severity_text: { type: 'string', of: (row) => row.severityText },
  source: { type: 'string', of: (row) => row.source },
};

const COMPARE: Readonly<Record<string, (a: Cell, b: Cell) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<>': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): LogQuery {
    this.#expect('select');
    const columns = this.#selectList();
    this.#expect('from');
    const table = this.#next();
    if (table.text !== 'logs') throw new LogQueryError(`Table "${table.text}" does not exist.`);
    const matches = this.#take('where') ? this.#or() : () => true;
    const order = this.#order();
    const limit = this.#take('limit') ? Math.min(this.#number(), MOST_ROWS) : MOST_ROWS;
    this.#take(';');
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return { columns, matches, order, limit };
  }

  #selectList(): LogQuery['columns'] {
    if (this.#take('*')) throw new LogQueryError('Wildcard "*" is not allowed: name the columns.');
    if (this.#take('count')) {
      this.#expect('(');
      this.#expect(')');
      return null;
    }
    const columns: { name: string; value: Value }[] = [];
    do {
      const first = this.#at;
      const value = this.#value();
      const written = this.#tokens.slice(first, this.#at).map((token) => token.text);
      columns.push({ name: this.#take('as') ? this.#word() : written.join(''), value });
    } while (this.#take(','));
    return columns;
  }

  #order(): 'asc' | 'desc' | null {
    if (!this.#take('order')) return null;
    this.#expect('by');
    this.#expect('timestamp');
    if (this.#take('desc')) return 'desc';
    this.#take('asc');
    return 'asc';
  }

  #or(): Condition {
    let left = this.#and();
    while (this.#take('or')) left = either(left, this.#and());
    return left;
  }

  #and(): Condition {
    let left = this.#not();
    while (this.#take('and')) left = both(left, this.#not());
    return left;
  }

  #not(): Condition {
    if (this.#take('not')) return negated(this.#not());
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): Condition {
    const value = this.#value();
    const isNegated = this.#take('not');
    const wrap = isNegated ? negated : (condition: Condition): Condition => condition;
    if (this.#take('like')) {
      const pattern = likePattern(this.#literal({ type: 'string', of: value.of }) as string);
      return wrap((row) => pattern.test(String(value.of(row))));
    }
    if (this.#take('in')) {
      this.#expect('(');
      const members = [this.#literal(value)];
      while (this.#take(',')) members.push(this.#literal(value));
      this.#expect(')');
      return wrap((row) => members.includes(value.of(row)));
    }
    const compare = COMPARE[this.#next().text];
    if (compare === undefined || isNegated) throw this.#unexpected();
    const literal = this.#literal(value);
    return (row) => compare(value.of(row), literal);
  }

  #value(): Value {
    const name = this.#word();
    if (name === 'log_attributes') {
      this.#expect('[');
      const key = this.#next();
      if (key.kind !== 'text') throw this.#unexpected();
      this.#expect(']');
      return { type: 'string', of: (row) => row.attributes[key.text] ?? '' };
    }
    if (name === 'toInt32OrZero') {
      this.#expect('(');
      const inner = this.#value();
      this.#expect(')');
      if (inner.type !== 'string') throw new LogQueryError('Illegal type of argument of function toInt32OrZero');
      return { type: 'number', of: (row) => int32OrZero(String(inner.of(row))) };
    }
    const column = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
    if (column === undefined) throw new LogQueryError(`Unknown expression identifier "${name}"`);
    return column;
  }

  #literal(compared: Value): Cell {
    const token = this.#next();
    const isNumber = token.kind === 'number';
    if (!isNumber && token.kind !== 'text') throw this.#unexpected();
    if (isNumber !== (compared.type === 'number')) {
      throw new LogQueryError('There is no supertype for these types: a string is compared with a number');
    }
    if (isNumber) return Number(token.text);
    return compared.type === 'timestamp' ? sameFormTimestamp(token.text) : token.text;
  }

  #number(): number {
    const token = this.#next();
    if (token.kind !== 'number') throw this.#unexpected();
    return Number(token.text);
  }

  #word(): string {
    const token = this.#next();
    if (token.kind !== 'word') throw this.#unexpected();
    return token.text;
  }

  #next(): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new LogQueryError('Syntax error: unexpected end of query');
    this.#at += 1;
    return token;
  }

  /** Keywords are written in any case; column and function names are not keywords. */
  #take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === 'text' || token.text.toLowerCase() !== text) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected();
  }

  #unexpected(): LogQueryError {
    return new LogQueryError(`Syntax error: failed at "${this.#tokens[this.#at]?.text ?? 'end of query'}"`);
  }
}

function either(left: Condition, right: Condition): Condition {
  return (row) => left(row) || right(row);
}

function both(left: Condition, right: Condition): Condition {
  return (row) => left(row) && right(row);
}

function negated(condition: Condition): Condition {
  return (row) => !condition(row);
}

function likePattern(pattern: string): RegExp {
  const source = pattern.replace(/\\([%_\\])|[%_]|[.*+?^${}()|[\]\\]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped === '\\' ? '\\\\' : escaped;
    if (found === '%') return '[^]*';
    return found === '_' ? '[^]' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 'u');
}

function int32OrZero(text: string): number {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : 0;
}

/** Microseconds and no zone, as the log table writes time: `2026-06-22T09:34:06.215000`. */
function timestampText(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '000');
}

function sameFormTimestamp(text: string): string {
  const atMs = Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '')}Z`);
  if (Number.isNaN(atMs)) throw new LogQueryError(`Cannot parse DateTime64 "${text}"`);
  return timestampText(atMs);
}
