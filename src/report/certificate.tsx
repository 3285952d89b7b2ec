// A certificate as one self-contained HTML file without script.
import { createHash } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import type { Certificate } from '../result/certificate.ts';
import { CertificatePage } from './html/certificate-page.tsx';
import { STYLE } from './html/style.ts';

/** Renders it as a document. */
export function renderCertificate(certificate: Certificate): string {
  const page = <CertificatePage certificate={certificate} policy={POLICY} />;
  return `<!doctype html>\n${renderToString(page)}\n`;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
