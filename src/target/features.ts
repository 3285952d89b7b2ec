// What a target can do, as the names that scenarios need (language reference, "needs").
import type { Credentials, Target } from './model.ts';

/** Every feature a target has: declared ones, and those that follow from what it declares. */
export function featuresOf(target: Target): ReadonlySet<string> {
  const endpoints = Object.entries(target.endpoints);
  return new Set([
    ...target.features,
    ...endpoints.map(([role]) => `endpoint:${role}`),
    ...endpoints.flatMap(([role, { credentials }]) =>
      Object.keys(credentials).map((name) => `credentials:${role}.${name}`),
    ),
    ...endpoints.flatMap(([role, { stage }]) => (stage === undefined ? [] : [`stage:${role}`])),
    ...(target.endpoints['open']?.stage === undefined ? [] : ['stage']),
    ...endpoints.flatMap(([role, { credentials }]) => signingOf(role, credentials)),
    ...[target, ...Object.values(target.endpoints)].flatMap(({ managementCredentials = {} }) => [
      ...Object.keys(managementCredentials).map((name) => `credentials:management.${name}`),
      ...signingOf('management', managementCredentials),
    ]),
    ...(target.management === undefined ? [] : ['management']),
    ...probeFeatures(target.probe),
    ...(target.observer === undefined ? [] : ['observer']),
    ...Object.keys(target.limits).map((name) => `limits.${name}`),
    ...(endpoints.some(([, { url }]) => /^(wss|https):/i.test(url)) ? ['tls'] : []),
  ]);
}

function signingOf(
  role: string,
  credentials: Readonly<Record<string, Credentials>>,
): readonly string[] {
  return Object.entries(credentials).flatMap(([name, { sign }]) =>
    sign === undefined ? [] : [`signing:${role}.${name}`],
  );
}

function probeFeatures(probe: Target['probe']): readonly string[] {
  if (probe === undefined) return [];
  const both = ['probe', 'probe.events', 'observer'];
  if (probe.kind === 'remote') return [...both, 'probe.hold', 'probe.remembers', 'probe.remote'];
  return [...both, 'probe.script', ...(probe.remembers ? ['probe.remembers'] : [])];
}
