// Faults of identity sources, and of how long an authorizer's result may be.
import { readAuthorizerResult } from '../authorizer.ts';
import { withRules } from './authorizer.ts';
import type { Fault } from './fault.ts';

/** Faults of identity sources and of the size of results. */
export const IDENTITY_FAULTS: readonly Fault[] = [
  {
    name: 'any-identity-source-suffices',
    description: 'calls the authorizer when one of its identity sources is present',
    breaks: [
      'authorizer/one-identity-source-missing#refused-with-401',
      'authorizer/one-identity-source-missing#authorizer-not-called',
      'authorizer/stage-variable-missing#refused-with-401',
      'authorizer/stage-variable-missing#authorizer-not-called',
    ],
    change: (correct) => ({
      missingIdentity: (sources, facts) => {
        const missing = correct.missingIdentity(sources, facts);
        return missing.length < sources.length ? [] : missing;
      },
    }),
  },
  {
    name: 'knows-request-sources-only',
    description: 'takes identity sources that are no header or query parameter as missing',
    breaks: [
      'authorizer/several-identity-sources#opens',
      'authorizer/several-identity-sources#called',
    ],
    change: (correct) => ({
      missingIdentity: (sources, facts) => [
        ...correct.missingIdentity(sources, facts),
        ...sources.filter((source) => !source.startsWith('route.request.')),
      ],
    }),
  },
  {
    name: 'ignores-stage-variable-sources',
    description: 'does not look at identity sources that are stage variables',
    breaks: [
      'authorizer/stage-variable-missing#refused-with-401',
      'authorizer/stage-variable-missing#authorizer-not-called',
    ],
    change: (correct) => ({
      missingIdentity: (sources, facts) => {
        const looked = sources.filter((source) => !source.startsWith('stageVariables.'));
        return correct.missingIdentity(looked, facts);
      },
    }),
  },
  {
    name: 'no-source-no-authorizer',
    description: 'does not call an authorizer that has no identity source',
    breaks: ['authorizer/no-identity-source#called-for-each'],
    change: (correct) => ({
      callAuthorizer: async (api, authorizer, facts) =>
        authorizer.IdentitySource.length === 0
          ? { kind: 'authorized', context: undefined }
          : correct.callAuthorizer(api, authorizer, facts),
    }),
  },
  {
    name: 'no-authorizer-result-limit',
    description: 'takes authorizer results of any size',
    breaks: [
      'authorizer/result-size#too-long-is-refused',
      'authorizer/result-size#integration-not-called',
    ],
    change: withRules({ read: (value) => readAuthorizerResult(value, Number.POSITIVE_INFINITY) }),
  },
  {
    name: 'small-authorizer-result-limit',
    description: 'takes authorizer results of 4 KB at most',
    breaks: ['authorizer/result-size#fitting-opens'],
    change: withRules({ read: (value) => readAuthorizerResult(value, 4096) }),
  },
];
