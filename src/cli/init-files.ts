// The files that `ws-assay init` writes for an endpoint. Pure.

/** What the three questions are about. */
export interface InitAnswers {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly auth: (typeof AUTHS)[number];
  readonly ci: (typeof CIS)[number];
}

/** What the endpoint wants of whoever connects. */
export const AUTHS = ['none', 'header', 'api-key', 'iam'] as const;

/** Where it shall be checked after each push. */
export const CIS = ['github', 'gitlab', 'none'] as const;

/** The name of the target, and of the folder of scenarios. */
export const INIT_NAME = 'own';

/** Text by path below the folder that is set up. */
export function initFiles(answers: InitAnswers): Readonly<Record<string, string>> {
  const { auth, ci } = answers;
  return {
    [`targets/${INIT_NAME}/target.yaml`]: targetText(answers),
    [`scenarios/${INIT_NAME}/opens-and-closes.yaml`]: auth === 'none' ? OPENS : OPENS_FOR_MEMBERS,
    ...(ci === 'none' ? {} : { [CI_FILES[ci].path]: CI_FILES[ci].text(variablesOf(answers)) }),
  };
}

/** Names of environment variables that must be set before a run. */
export function variablesOf(answers: Pick<InitAnswers, 'auth' | 'url'>): readonly string[] {
  return [...SECRETS[answers.auth], ...(needsRegion(answers) ? ['AWS_REGION'] : [])];
}

const SECRETS: Readonly<Record<InitAnswers['auth'], readonly string[]>> = {
  none: [],
  header: ['WS_TOKEN'],
  'api-key': ['WS_API_KEY'],
  iam: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
};

// The package is installed in the folder that is set up: files stand two levels below it.
const SCHEMA = '# yaml-language-server: $schema=../../node_modules/ws-assay/schema';

const CREDENTIALS: Readonly<Record<InitAnswers['auth'], string | undefined>> = {
  none: undefined,
  header: `{ headers: { Authorization: "Bearer \${secret:WS_TOKEN}" } }`,
  'api-key': `{ headers: { x-api-key: "\${secret:WS_API_KEY}" } }`,
  iam: '{ sign: true }',
};

// Of a host name of AWS it is told by the name.
function needsRegion({ url, auth }: Pick<InitAnswers, 'url' | 'auth'>): boolean {
  return auth === 'iam' && !/\.amazonaws\.com(\.cn)?$/.test(new URL(url).hostname);
}

const REGION = `aws: { region: "\${env:AWS_REGION}" }
`;

function targetText({ url, auth }: InitAnswers): string {
  const credentials = CREDENTIALS[auth];
  const place =
    credentials === undefined
      ? `url: ${JSON.stringify(url)}\n`
      : `endpoints:
  open:
    url: ${JSON.stringify(url)}
    credentials:
      default: ${credentials}
`;
  return `${SCHEMA}/target-1.schema.json
title: My endpoint
${place}${needsRegion({ url, auth }) ? REGION : ''}`;
}

const OPENS = `${SCHEMA}/scenario-1.schema.json
title: The endpoint opens, and closes when it is asked to
steps:
  - connect:
  - close: { code: 1000 }
checks:
  opens: { handshake: { status: 101 } }
  close-is-answered: { closed: { code: 1000 } }
`;

const OPENS_FOR_MEMBERS = `${SCHEMA}/scenario-1.schema.json
title: The endpoint refuses strangers, opens for members, and closes when it is asked to
steps:
  - as: stranger
    connect: { credentials: none }
  - as: member
    connect:
  - connection: member
    close: { code: 1000 }
checks:
  stranger-is-refused: { connection: stranger, handshake: { status: { oneOf: [401, 403] } } }
  member-opens: { connection: member, handshake: { status: 101 } }
  close-is-answered: { connection: member, closed: { code: 1000 } }
`;

const RUN = `npx ws-assay run ${INIT_NAME}/opens-and-closes --target ${INIT_NAME} --out ws-assay`;

const CI_FILES = {
  github: {
    path: '.github/workflows/ws-assay.yml',
    text: (secrets: readonly string[]): string => `name: ws-assay
on: [push]
jobs:
  ws-assay:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - run: npm ci
      - run: ${RUN}
${secrets.length === 0 ? '' : `        env:\n${secrets.map((name) => `          ${name}: \${{ secrets.${name} }}\n`).join('')}`}      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: ws-assay, path: ws-assay }
`,
  },
  gitlab: {
    path: '.gitlab/ws-assay.yml',
    text: (
      secrets: readonly string[],
    ): string => `# In .gitlab-ci.yml: include: { local: .gitlab/ws-assay.yml }
${secrets.length === 0 ? '' : `# Set as masked variables of the project: ${secrets.join(', ')}\n`}ws-assay:
  image: node:22
  script:
    - npm ci
    - ${RUN}
  artifacts:
    when: always
    paths: [ws-assay]
    reports: { junit: ws-assay/junit.xml }
`,
  },
} as const;
