import { connect, type SecureVersion } from 'node:tls';
import { type Look, testFaults } from '../fixture/looks.ts';
import { connectPeer, upgradeText } from '../fixture/peer.ts';

// What was agreed on with a client that speaks one version only.
const agreed =
  (version: SecureVersion): Look =>
  (stand) =>
    new Promise((resolve) => {
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const only = { minVersion: version, maxVersion: version, rejectUnauthorized: false, ciphers };
      const socket = connect({ host: '127.0.0.1', port: stand.port('secure'), ...only });
      socket.once('secureConnect', () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.once('error', () => resolve('refused'));
    });

const plainText: Look = async (stand) => {
  const peer = await connectPeer(stand.port('secure'));
  peer.write(upgradeText('/dev'));
  const status = await peer.answer().then(
    (answer) => answer.status,
    () => 'nothing',
  );
  peer.close();
  return status;
};

testFaults([
  ['serves-plain-text', 'nothing', 101, plainText],
  ['speaks-tls-1-0', 'refused', 'TLSv1', agreed('TLSv1')],
  ['no-tls-1-3', 'TLSv1.3', 'refused', agreed('TLSv1.3')],
  ['no-tls-1-2', 'TLSv1.2', 'refused', agreed('TLSv1.2')],
]);
