// The library: building scenarios in code, and reading, judging again and rendering what runs saved.
// Re-exports only.
export { type ErrorCode, ToolError } from './base/errors.ts';
export type { Json, JsonObject } from './base/json.ts';
export type { SourceSpan } from './base/source-span.ts';
export { type CheckInput, type Judgement, judgeCheck } from './check/judge.ts';
export { renderHtml } from './report/html.tsx';
export { type ParsedResult, parseRunResult, renderJson } from './report/json.ts';
export { type JUnitOptions, renderJUnit } from './report/junit.ts';
export type { JUnitDialect } from './report/junit-document.ts';
export { renderMarkdown } from './report/markdown.ts';
export { type ReportPaths, writeReports } from './report/write.ts';
export type {
  AnswerRecord,
  CallRecord,
  ConnectionInfo,
  Evidence,
  EvidenceRecord,
  Interruption,
  InvocationRecord,
  InvocationType,
  OfConnection,
  StepRecord,
} from './result/evidence.ts';
export type { Finding, Verdict } from './result/finding.ts';
export { foldRun } from './result/fold.ts';
export type { RunEvent, RunHead } from './result/run-event.ts';
export {
  type CaseResult,
  type Citation,
  type RequirementInfo,
  type RunProblem,
  type RunResult,
  SCHEMA_VERSION,
  type TargetInfo,
} from './result/run-result.ts';
export { parseJournal } from './run/journal.ts';
export { type DefinedScenario, defineScenario, parseDefined } from './scenario/define.ts';
export {
  DIAGNOSTIC_CODES,
  type Diagnostic,
  type DiagnosticCode,
  renderDiagnostics,
} from './scenario/diagnostic.ts';
export { type CaseExpansion, expandScenario } from './scenario/expand.ts';
export type { CaseSpec, CheckSpec, Level } from './scenario/model.ts';
export {
  type ParsedScenario,
  parseScenario,
  type ScenarioFile,
  type ScenarioSource,
} from './scenario/parse.ts';
export type { ScenarioInput } from './scenario/schema.ts';
export type { VariableScope } from './scenario/variables.ts';
export type { HeaderField, Payload, ResponseHead, WireRecord } from './wire/transcript.ts';
