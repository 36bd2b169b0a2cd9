/** What to do on an instance that was launched without a scenario. */

import type { JSX } from 'preact';
import type { RunState } from '../../run/state.ts';
import { Command, Section } from '../ui.tsx';

export function Idle({ run }: { run: RunState }): JSX.Element {
  const image = run.instance?.imageId ?? 'ami-…';
  const type = run.instance?.instanceType ?? 'c7i.large';
  return (
    <Section id="launch" title="How to launch with a scenario">
      <div class="panel launch">
        <p>
          Zip the scenario with its tsung.xml, and pass the zip to a new instance of this image:
        </p>
        <Command
          text={`aws ec2 run-instances --image-id ${image} --instance-type ${type} --user-data fileb://tsung.xml.zip`}
        />
        <p class="hint">
          <code>fileb://</code> matters: <code>file://</code> would garble the zip. User-data holds
          16 KB; put a larger scenario into S3, and say in the user-data where it is:
        </p>
        <Command text={'#onager\nscenario: { from: s3://bucket/checkout.zip }'} />
        <p class="hint">
          This instance will not generate any load. Terminate it when you no longer need it.
        </p>
      </div>
    </Section>
  );
}
