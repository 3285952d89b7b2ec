// The public API: what each entry exports at run time. A name that goes away is a breaking change.
import { expect, it } from 'vitest';
import * as gateway from '../../src/gateway.ts';
import * as library from '../../src/index.ts';

it('exports these names from ws-assay', () => {
  expect(Object.keys(library).toSorted()).toMatchInlineSnapshot(`
    [
      "DIAGNOSTIC_CODES",
      "SCHEMA_VERSION",
      "ToolError",
      "defineScenario",
      "expandScenario",
      "foldRun",
      "judgeCheck",
      "parseDefined",
      "parseJournal",
      "parseRunResult",
      "parseScenario",
      "renderDiagnostics",
      "renderHtml",
      "renderJUnit",
      "renderJson",
      "renderMarkdown",
      "writeReports",
    ]
  `);
});

it('exports these names from ws-assay/gateway', () => {
  expect(Object.keys(gateway).toSorted()).toMatchInlineSnapshot(`
    [
      "FAULTS",
      "checkConfig",
      "describeProblem",
      "readGatewayConfig",
      "startGateway",
    ]
  `);
});
