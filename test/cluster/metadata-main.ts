/** The metadata service of one member, inside its namespace; told over IPC what the member is. */

import { startMetadataService } from '../../src/rehearsal/metadata-service.ts';
import type { Instance, InstanceNow } from '../../src/rehearsal/metadata-tree.ts';

export type MetadataOrder =
  | Readonly<{ start: Instance }>
  | Readonly<{ change: Partial<InstanceNow> }>;

type Service = Awaited<ReturnType<typeof startMetadataService>>;

let service: Service | undefined;

process.on('message', async (order: MetadataOrder) => {
  if ('start' in order)
    service = await startMetadataService({ ...order.start, host: '169.254.169.254', port: 80 });
  else service?.set(order.change);
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
