// Figures against their goals: printed at once, kept for docs/performance.md with `--save`.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine } from './machine.mjs';

/** Where figures are kept from which docs/performance.md is made. */
export const KEPT = join(import.meta.dirname, '../figures.json');

// Below this, or above that, a time on the wall says more of the others on the machine than of what was measured.
const LEAST_IDLE = 0.1;
const MOST_STEAL = 0.1;

/** Collects figures; `save`: keeps them. */
export function createFigures({ save }) {
  const figures = {};
  let missed = 0;
  return {
    /**
     * `most`: the goal; undefined: only told. `shares`: of what others had of the machine meanwhile. `detail`: rounds,
     * and what else explains it. `isTimed`: a time on the wall, which means nothing on a machine without a free processor.
     */
    tell: (id, { what, value, most, unit = '', shares = [], detail, isTimed = false }) => {
      const isReached = most === undefined || value <= most;
      if (!isReached) missed += 1;
      const steal = Math.max(0, ...shares.map((one) => one.steal));
      const idle = Math.min(1, ...shares.map((one) => one.idle));
      const goal = most === undefined ? '' : ` (at most ${most}${unit})`;
      const verdict = most === undefined ? 'told   ' : isReached ? 'reached' : 'MISSED ';
      console.log(
        `${verdict} ${what}: ${digits(value)}${unit}${goal} · steal ${percent(steal)}, idle ${percent(idle)}`,
      );
      const isDisturbed = isTimed && (idle < LEAST_IDLE || steal > MOST_STEAL);
      if (isDisturbed)
        console.log('        the machine was busy: this says little of the generator');
      if (detail !== undefined) console.log(`        ${JSON.stringify(detail)}`);
      const taken = new Date().toISOString().slice(0, 16);
      figures[id] = { what, value, most, unit, steal, idle, isDisturbed, detail, taken };
    },
    /** Resolves with the exit code. */
    end: async () => {
      if (save) await keep(figures);
      return missed === 0 ? 0 : 1;
    },
  };
}

/** What was kept so far. */
export async function readKept() {
  try {
    return JSON.parse(await readFile(KEPT, 'utf8'));
  } catch {
    return { machine: {}, figures: {} };
  }
}

async function keep(figures) {
  const kept = await readKept();
  const all = { ...kept.figures, ...figures };
  const text = JSON.stringify({ ...kept, machine: describeMachine(), figures: all }, null, 2);
  await writeFile(KEPT, `${text}\n`);
}

function digits(value) {
  return Number.isFinite(value) ? value.toFixed(Math.abs(value) < 10 ? 3 : 1) : '–';
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
