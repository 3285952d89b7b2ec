// Close codes (RFC 6455 section 7.4 and the IANA registry of WebSocket close codes).

/** Closing by a rule of RFC 6455 section 7.4.1. */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
} as const;

/**
 * True for codes that may stand in a close frame: 1000 to 1003 and 1007 to 1014 (registered), 3000
 * to 3999 (libraries), 4000 to 4999 (private). "1005 is a reserved value and MUST NOT be set as a
 * status code in a Close control frame by an endpoint", likewise 1006 and 1015; 1004 and 1016 to
 * 2999 have no meaning yet.
 */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
