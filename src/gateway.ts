// The public entry ws-assay/gateway: a local API Gateway WebSocket API. Re-exports only.
export {
  type ApiConfig,
  type ConfigProblem,
  type GatewayConfig,
  type GatewayConfigInput,
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
