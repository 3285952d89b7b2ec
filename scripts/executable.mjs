// A fresh clone's command must be runnable by `npx ws-assay`, as an installed one's is.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/cli/bin.js', import.meta.url), 0o755);
