// The figures of the load generator against their goals: `node bench/load/bench.mjs [NAME…] [--rounds N] [--minutes N] [--save]`.
// Prints each and exits with 1 when one is missed. Needs a C compiler. All on loopback; a machine that does something else
// meanwhile measures that, so beside each figure stands what others had of the processors.
import { parseArgs } from 'node:util';
import { createFigures } from '../harness/figures.mjs';
import { withPrograms } from '../harness/server.mjs';
import { churnFigure } from './churn-figure.mjs';
import { cpuFigures, roundsFigure, tlsFigure } from './cpu-figures.mjs';
import { heldFigure, heldMemoryFigure, longRunFigure } from './memory-figures.mjs';
import { signingFigures } from './signing-figures.mjs';
import { rateFigure, scheduleFigures, wireFigures } from './time-figures.mjs';

const FIGURES = {
  cpu: cpuFigures,
  tls: tlsFigure,
  rounds: roundsFigure,
  sign: signingFigures,
  held: heldFigure,
  memory: heldMemoryFigure,
  constant: longRunFigure,
  rate: rateFigure,
  schedule: scheduleFigures,
  wire: wireFigures,
  churn: churnFigure,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    minutes: { type: 'string', default: '10' },
    save: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => FIGURES[name] === undefined);
if (unknown.length > 0) {
  console.error(`no figure ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}`);
  process.exit(2);
}
const figures = createFigures(values);
const failed = [];
await withPrograms(['load/server', 'load/client', 'load/wire'], async (programOf, folder) => {
  const bench = {
    figures,
    programOf,
    folder,
    rounds: Number(values.rounds),
    minutes: Number(values.minutes),
  };
  for (const name of positionals.length > 0 ? positionals : Object.keys(FIGURES)) {
    await FIGURES[name](bench).catch((error) => {
      failed.push(name);
      console.error(`failed  ${name}: ${error.message}`);
    });
  }
});
const code = await figures.end();
process.exitCode = failed.length > 0 ? 1 : code;
