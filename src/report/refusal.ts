// Who refused an upgrade: the gateway, or the integration behind it? Told from the backend's events of
// the same connection, which are there or are not.
import { isJsonObject, type Json } from '../base/json.ts';
import type { EvidenceRecord } from '../result/evidence.ts';
import type { CaseResult } from '../result/run-result.ts';

/**
 * A line for each way in which upgrades of the case were refused, in the order in which it happened:
 * `crowd: 20 of 30 refused with 429 by the gateway: the integration was not called`.
 *
 * @param observed whether the target tells what its backend was called with
 */
export function refusalLines(of: CaseResult, observed: boolean): readonly string[] {
  const counts = new Map<string, { readonly connection: string; count: number }>();
  for (const { connection, text } of refusals(of.records, observed)) {
    const key = `${connection} ${text}`;
    const known = counts.get(key) ?? { connection, count: 0 };
    known.count += 1;
    counts.set(key, known);
  }
  return [...counts].map(([key, { connection, count }]) => {
    const text = key.slice(connection.length + 1);
    return `${whoText(of, connection, count)}refused with ${text}`;
  });
}

interface Refused {
  readonly connection: string;
  readonly text: string;
}

type Of<K extends EvidenceRecord['kind']> = Extract<EvidenceRecord, { kind: K }>;

function refusals(records: readonly EvidenceRecord[], observed: boolean): readonly Refused[] {
  const sees = observed || records.some(({ kind }) => kind === 'invocation');
  return records.flatMap((record) => {
    if (record.kind !== 'response' || record.opened || record.head.status < 200) return [];
    const own = records.filter(
      (one): one is Of<'invocation'> =>
        one.kind === 'invocation' &&
        one.connection === record.connection &&
        one.member === record.member,
    );
    const by = sees ? ` ${refuser(record, own)}` : UNKNOWN;
    return [{ connection: record.connection, text: `${record.head.status}${by}` }];
  });
}

const UNKNOWN =
  '; by whom cannot be known: nothing tells what the backend of this target was called with';

/** By whom and why, as the end of a sentence. */
function refuser(answer: Of<'response'>, own: readonly Of<'invocation'>[]): string {
  const connects = own.filter(({ type }) => type === 'CONNECT');
  const before = connects.filter(({ atUs }) => atUs <= answer.atUs);
  const ended = before.find(({ phase }) => phase === 'ended');
  if (ended !== undefined) return answered(answer.head.status, ended.answer);
  if (before.length > 0) return 'by the gateway: the integration was called and had not answered';
  const later = connects.length > 0 ? ' until then' : '';
  const asked = own.some(({ type }) => type === 'AUTHORIZER');
  return `by the gateway: the integration was not called${later}${asked ? ', the authorizer was' : ''}`;
}

function answered(status: number, answer: Json | undefined): string {
  const given = isJsonObject(answer) ? answer : {};
  if (given['throw'] !== undefined) return 'by the gateway: the integration threw';
  const returned = given['return'];
  const code = isJsonObject(returned) ? returned['statusCode'] : undefined;
  const said = typeof code === 'string' ? Number(code) : code;
  if (typeof said !== 'number' || !Number.isInteger(said)) {
    return 'by the gateway: the integration answered without a status';
  }
  if (said === status) return `by the integration: it answered ${status}`;
  return `by the gateway: the integration answered ${said}`;
}

function whoText({ connections }: CaseResult, name: string, count: number): string {
  const members = connections.find((one) => one.name === name)?.members ?? 1;
  if (members > 1) return `${name}: ${count} of ${members} `;
  return connections.length > 1 ? `${name}: ` : '';
}
