// The page of a certificate: what was certified, part by part, what deviates, and how to check it.
import type { ComponentChildren, VNode } from 'preact';
import type {
  Certificate,
  CertifiedPart,
  CheckTally,
  NamedVerdict,
} from '../../result/certificate.ts';
import { Section } from './section.tsx';
import { Code, Seen } from './seen.tsx';
import { STYLE } from './style.ts';

/** The whole document below the doctype. `policy` is its Content-Security-Policy. */
export function CertificatePage({
  certificate,
  policy,
}: {
  readonly certificate: Certificate;
  readonly policy: string;
}): VNode {
  const { implementation, verdict, deviations, reasons } = certificate;
  const word = verdict === 'certified' ? 'Certified' : 'Not certified';
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>{`${word}: ${implementation.name} ${implementation.version}`}</title>
        {/* Our own constant; as a child it would be escaped and no longer match its hash. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <header class={`banner ${verdict === 'certified' ? 'o-passed' : 'o-failed'}`}>
          <h1>{word}</h1>
          <p class="sentence">
            <Seen text={`${implementation.title} ${implementation.version}`} /> against{' '}
            <Seen text={certificate.profile.title} /> <Code text={certificate.profile.name} />
          </p>
        </header>
        <main>
          <Section id="parts" title="Parts">
            <Parts parts={certificate.parts} />
          </Section>
          {reasons.length === 0 ? null : (
            <Section id="reasons" title="Why not">
              <ul>
                {reasons.map((reason) => (
                  <li>
                    <Seen text={reason} />
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {deviations.length === 0 ? null : (
            <Section id="deviations" title="Deviations">
              <Deviations deviations={deviations} />
            </Section>
          )}
          <Section id="facts" title="What was run">
            <Facts certificate={certificate} />
          </Section>
          <Section id="verify" title="Checking it">
            <p>
              <code>ws-assay verify</code> on the folder of this page hashes every file, judges
              every check again from the records in <code>result.json</code>, and draws this verdict
              again.
            </p>
          </Section>
        </main>
        <footer>
          <Seen text={`Made by ${certificate.tool.name} ${certificate.tool.version}.`} />
        </footer>
      </body>
    </html>
  );
}

function Parts({ parts }: { readonly parts: readonly CertifiedPart[] }): VNode {
  return (
    <div class="scroll" role="group" aria-label="Parts" tabIndex={0}>
      <table class="numbers">
        <thead>
          <tr>
            {['Part', 'Outcome', 'Core', 'Extended', 'Warned', 'Recorded', 'Not applicable'].map(
              (one) => (
                <th scope="col">{one}</th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {parts.map(({ name, title, status, core, extended }) => (
            <tr>
              <th scope="row">
                <Code text={name} />
                <br />
                <Seen text={title} />
              </th>
              <td>{STATUS_WORD[status]}</td>
              <td>{heldOf(core)}</td>
              <td>{heldOf(extended)}</td>
              <td>{core.warned + extended.warned}</td>
              <td>{core.recorded + extended.recorded}</td>
              <td>{core.notApplicable + extended.notApplicable}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STATUS_WORD: Readonly<Record<CertifiedPart['status'], string>> = {
  passed: '✓ passed',
  failed: '✗ failed',
  partial: '◐ partial',
  'not-supported': '– not supported',
};

/** Of the checks that apply and are judged. */
function heldOf({ passed, total, notApplicable, recorded }: CheckTally): string {
  return `${passed} of ${total - notApplicable - recorded}`;
}

function Deviations({ deviations }: { readonly deviations: readonly NamedVerdict[] }): VNode {
  return (
    <div class="scroll" role="group" aria-label="Deviations" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {['Check', 'Verdict', 'Requirement', 'What was seen'].map((one) => (
              <th scope="col">{one}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {deviations.map(({ check, verdict, isCore, requirement = '', message }) => (
            <tr>
              <th scope="row">
                <Code text={check} />
              </th>
              <td>{isCore ? `${verdict} (core)` : verdict}</td>
              <td>
                <Seen text={requirement} />
              </td>
              <td>
                <Seen text={message} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Facts({ certificate }: { readonly certificate: Certificate }): VNode {
  const { implementation, profile, environment, notApplicable, notRecomputed } = certificate;
  const lacking = Object.entries(notApplicable).map(([feature, count]) => `${feature} (${count})`);
  return (
    <dl class="facts">
      <Fact name="Implementation">
        <Seen text={`${implementation.title} ${implementation.version}`} />{' '}
        <Code text={implementation.name} />
        {implementation.launched ? ', launched by the run' : ''}
        {implementation.insecure ? <strong class="insecure"> ▲ TLS was not verified</strong> : null}
      </Fact>
      <Fact name="Profile">
        <Code text={profile.name} />, SHA-256 <Code text={profile.hash} />
      </Fact>
      <Fact name="Run">
        <Code text={certificate.runId} /> <Seen text={certificate.startedAt} />, seed{' '}
        <Code text={certificate.seed} />
      </Fact>
      <Fact name="Command">
        <Code text={certificate.command} />
      </Fact>
      <Fact name="Environment">
        <Seen text={`Node ${environment.node}, ${environment.platform} ${environment.arch}`} />
      </Fact>
      {lacking.length === 0 ? null : (
        <Fact name="Not applicable">
          <Seen
            text={`${lacking.join(', ')}: what the target does not have, and how many checks ask for it`}
          />
        </Fact>
      )}
      {notRecomputed.length === 0 ? null : (
        <Fact name="Cannot be judged again">
          <Seen text={notRecomputed.join(', ')} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
