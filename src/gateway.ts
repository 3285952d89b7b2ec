// The reference API Gateway WebSocket API as a library. Re-exports only.
export {
  type ApiConfig,
  type AuthorizerConfig,
  type ConfigProblem,
  type ConfigReading,
  checkConfig,
  type GatewayConfig,
  type GatewayConfigInput,
  type IntegrationConfig,
  type RouteConfig,
  type UsagePlanConfig,
} from './gateway/config.ts';
export {
  type ConfigFileProblem,
  type ConfigFileReading,
  describeProblem,
  readGatewayConfig,
} from './gateway/config-file.ts';
export type { Fault } from './gateway/faults/fault.ts';
export { FAULTS } from './gateway/faults.ts';
export {
  type Gateway,
  type GatewayOptions,
  type RunningApi,
  startGateway,
} from './gateway/start.ts';
export type { Usage, UsageQuery } from './gateway/usage-plan.ts';
