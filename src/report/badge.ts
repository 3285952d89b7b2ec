// The badge of a certificate: as JSON for an endpoint of shields.io, and as an SVG of its own that needs no network.
import type { Certificate } from '../result/certificate.ts';

/** What shields.io reads: https://shields.io/badges/endpoint-badge. */
export function renderBadgeJson(certificate: Certificate): string {
  const badge = {
    schemaVersion: 1,
    label: labelOf(certificate),
    message: messageOf(certificate),
    color: isCertified(certificate) ? 'brightgreen' : 'red',
  };
  return `${JSON.stringify(badge, undefined, 2)}\n`;
}

/** The same as a picture of 20 pixels height, with its text for who cannot see it. */
export function renderBadgeSvg(certificate: Certificate): string {
  const label = labelOf(certificate);
  const message = messageOf(certificate);
  const [left, right] = [widthOf(label), widthOf(message)];
  const title = escape(`${label}: ${message}`);
  const fill = isCertified(certificate) ? '#15692c' : '#b4161b';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#3c434e"/><rect x="${left}" width="${right}" height="20" fill="${fill}"/></g>`,
    `<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    textAt(left / 2, left, label),
    textAt(left + right / 2, right, message),
    '</g></svg>\n',
  ].join('\n');
}

function isCertified({ verdict }: Certificate): boolean {
  return verdict === 'certified';
}

function labelOf({ profile }: Certificate): string {
  return `ws-assay ${profile.name}`;
}

/** `0.1.0: 7/7 parts, 81/81 core`: never without the version, nor a share without its whole. */
function messageOf(certificate: Certificate): string {
  const { implementation, parts } = certificate;
  const passed = parts.filter(({ status }) => status === 'passed').length;
  const held = parts.reduce((sum, { core }) => sum + core.passed, 0);
  const all = parts.reduce((sum, { core }) => sum + core.total, 0);
  const figures = `${passed}/${parts.length} parts, ${held}/${all} core`;
  const word = isCertified(certificate) ? '' : 'not certified, ';
  return `${implementation.version}: ${word}${figures}`;
}

// The mean width of Verdana at 11 px; `textLength` makes every font fit it.
const CHARACTER_PX = 6.6;
const MARGIN_PX = 10;

function widthOf(text: string): number {
  return Math.round(text.length * CHARACTER_PX) + MARGIN_PX;
}

function textAt(x: number, width: number, text: string): string {
  return `<text x="${x}" y="14" textLength="${width - MARGIN_PX}" lengthAdjust="spacingAndGlyphs">${escape(text)}</text>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
