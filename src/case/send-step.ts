// The `send` step: writes at once, with the plan of the message where its probe is told in advance.
import { Buffer } from 'node:buffer';
import type { SendSpec } from '../scenario/model.ts';
import { framesOf } from './frames.ts';
import type { CaseContext, Member } from './member.ts';
import { takesPlan } from './message-plan.ts';
import { scriptedSend } from './script.ts';
import { isScripted } from './scripted-hold.ts';

/** Writes what is to be sent; false when nothing can be written any more. */
export function writeSend(context: CaseContext, spec: SendSpec, member: Member): boolean {
  if (takesPlan(spec)) member.enrolment?.planMessage(spec.backend);
  if (spec.kind === 'bytes') return member.connection.sendBytes(Buffer.from(spec.hex, 'hex'));
  if (isScripted(context) && spec.backend?.when.kind === 'hold') {
    member.heldMessages.push({ sentAtUs: context.clock.nowUs(), plan: spec.backend });
  }
  return member.connection.send(framesOf(scriptedSend(spec, context), member.nonce));
}
