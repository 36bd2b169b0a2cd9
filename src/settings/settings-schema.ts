/** The schema of settings that were checked earlier and kept. Their types are in settings.ts. */

import {
  amount,
  dictionary,
  either,
  list,
  object,
  oneOf,
  type Schema,
  text,
  truth,
} from '../schema.ts';
import { sloRuleSchema } from '../slo/rule-schema.ts';
import type { Access, PublishSettings, Settings } from './settings.ts';

const access: Schema<Access> = either(
  'who may see the page',
  object({ kind: oneOf('instance-id', 'public') }),
  object({ kind: oneOf('key'), key: text() }),
);

const publish: Schema<PublishSettings> = object(
  { bucket: text(), prefix: text() },
  { region: text(), endpoint: text(), kmsKey: text(), bucketOwner: text() },
);

export const settingsSchema: Schema<Settings> = object(
  {
    vars: dictionary(text()),
    limits: object({ durationMs: amount, drainMs: amount, unpackedBytes: amount, files: amount }),
    samples: either('true, false or rows', truth, oneOf('rows')),
    names: oneOf('template', 'url'),
    tls: object({ verify: truth }),
    slo: list(sloRuleSchema),
    report: object({ access }),
    after: object({ action: oneOf('serve', 'stop', 'terminate'), delayMs: amount }),
    asg: truth,
    lifetimeMs: amount,
  },
  {
    scenario: object({ from: text() }, { sha256: text() }),
    engine: text(),
    entry: text(),
    load: object({}, { durationMs: amount, scale: amount }),
    publish,
    cluster: object(
      {
        size: amount,
        timeoutMs: amount,
        quorum: amount,
        peers: list(text()),
        discover: oneOf('auto', 'none', 'subnet', 'api', 'bucket'),
      },
      { id: text(), key: text() },
    ),
  },
);
