// The registry of named deviations, and the behaviour of a gateway that has some of them.
import { ToolError } from '../base/errors.ts';
import { type Behaviour, CORRECT_BEHAVIOUR } from './behaviour.ts';
import { API_KEY_FAULTS } from './faults/api-key.ts';
import { AUTHORIZER_FAULTS } from './faults/authorizer.ts';
import { BURST_FAULTS } from './faults/burst.ts';
import { CONNECT_FAULTS } from './faults/connect.ts';
import { CONNECT_EARLY_FAULTS } from './faults/connect-early.ts';
import { CONNECT_EVENT_FAULTS } from './faults/connect-event.ts';
import { DELIVERY_FAULTS } from './faults/delivery.ts';
import { DISCONNECT_FAULTS } from './faults/disconnect.ts';
import { DURATION_FAULTS } from './faults/duration.ts';
import type { Fault } from './faults/fault.ts';
import { FRAME_FAULTS } from './faults/frame.ts';
import { IAM_FAULTS } from './faults/iam.ts';
import { IDENTITY_FAULTS } from './faults/identity.ts';
import { INTEGRATION_FAULTS } from './faults/integration.ts';
import { MANAGEMENT_FAULTS } from './faults/management.ts';
import { MESSAGE_FAULTS } from './faults/message.ts';
import { PATH_FAULTS } from './faults/path.ts';
import { PROTOCOL_FAULTS } from './faults/protocol.ts';
import { SUBPROTOCOL_FAULTS } from './faults/subprotocol.ts';
import { THROTTLE_FAULTS } from './faults/throttle.ts';
import { TLS_FAULTS } from './faults/tls.ts';
import { UPGRADE_FAULTS } from './faults/upgrade.ts';

/** All faults. A fault never looks at who is connecting. */
export const FAULTS: readonly Fault[] = [
  ...CONNECT_EARLY_FAULTS,
  ...CONNECT_FAULTS,
  ...UPGRADE_FAULTS,
  ...CONNECT_EVENT_FAULTS,
  ...AUTHORIZER_FAULTS,
  ...IDENTITY_FAULTS,
  ...API_KEY_FAULTS,
  ...IAM_FAULTS,
  ...SUBPROTOCOL_FAULTS,
  ...DISCONNECT_FAULTS,
  ...BURST_FAULTS,
  ...MANAGEMENT_FAULTS,
  ...DELIVERY_FAULTS,
  ...PATH_FAULTS,
  ...TLS_FAULTS,
  ...PROTOCOL_FAULTS,
  ...THROTTLE_FAULTS,
  ...MESSAGE_FAULTS,
  ...FRAME_FAULTS,
  ...DURATION_FAULTS,
  ...INTEGRATION_FAULTS,
];

/**
 * The correct behaviour with the named faults, applied in the order of the names.
 *
 * @throws {ToolError} USAGE for a name that is not in the list
 */
export function behaviourWith(names: readonly string[]): Behaviour {
  return names.reduce<Behaviour>((behaviour, name) => {
    const fault = FAULTS.find((one) => one.name === name);
    if (fault === undefined) throw new ToolError('USAGE', `there is no fault called ${name}`);
    return { ...behaviour, ...fault.change(behaviour) };
  }, CORRECT_BEHAVIOUR);
}
