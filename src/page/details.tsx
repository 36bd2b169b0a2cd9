/** What was changed in the scenario and why, which settings applied, and exactly what ran. */

import type { JSX } from 'preact';
import type { RunState } from '../run/state.ts';
import { bytes, count, plural } from './format.ts';
import { Name, Prose, Section, Time } from './ui.tsx';

export function Details({ run }: { run: RunState }): JSX.Element {
  const changes = run.engine?.changes ?? [];
  return (
    <Section id="details" title="Details">
      {changes.length > 0 && (
        <div class="panel">
          <h3>What was changed in the scenario, and why</h3>
          <ul class="changes">
            {changes.map(({ what, why, where }) => (
              <li key={`${what} ${where}`}>
                <p>
                  <Prose text={what} />
                </p>
                <p class="hint">
                  <Prose text={why} />
                  {where !== undefined && (
                    <>
                      {' · '}
                      <Name text={where} />
                    </>
                  )}
                </p>
              </li>
            ))}
          </ul>
        </div>
      )}
      <div class="columns">
        <Settings run={run} />
        <Versions run={run} />
      </div>
    </Section>
  );
}

function Settings({ run }: { run: RunState }): JSX.Element {
  return (
    <div class="panel">
      <h3>Settings, and where each came from</h3>
      {run.settings.length === 0 ? (
        <p class="empty">None are known yet.</p>
      ) : (
        <table class="settings">
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
            </tr>
          </thead>
          <tbody>
            {run.settings.map(({ key, value, source }) => (
              <tr key={`${key} ${source}`}>
                <th scope="row">
                  <Name text={key} />
                </th>
                <td>
                  {value
                    .trim()
                    .split('\n')
                    .slice(0, 40)
                    .map((line, index) => (
                      <div key={index}>
                        <Prose text={line} />
                      </div>
                    ))}
                </td>
                <td>
                  <Name text={source} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function Versions({ run }: { run: RunState }): JSX.Element {
  const { cluster, instance, machine, scenario, engine, publish } = run;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Run', run.runId],
    ['Onager', run.onager],
    ['Engine', engine && `${engine.name} ${engine.version}`],
    ['Runtime', engine?.runtime],
    ['Kernel', machine?.kernel],
    [
      'Machine',
      machine && `${plural(machine.cpus, 'CPU')}, ${bytes(machine.memoryBytes)} of memory`,
    ],
    ['Image', instance?.imageId],
    ['Instance', instance?.instanceId],
    ['Type', instance && `${instance.instanceType}, ${instance.architecture}`],
    ['Zone', instance?.availabilityZone],
    ['Public address', instance?.publicIp],
    ['Life cycle', instance?.lifeCycle],
    [
      'Cluster',
      cluster && `${cluster.id}, ${cluster.members.length} of ${plural(cluster.size, 'member')}`,
    ],
    ['Scenario', scenario && `${scenario.name} (${scenario.form}, ${bytes(scenario.bytes)})`],
    ['Entry file', scenario?.entry],
    ['SHA-256', scenario?.sha256],
    ['Published to', publish?.to],
    ['Objects', publish && `${count(publish.objects)}, ${bytes(publish.bytes)}`],
  ];
  return (
    <div class="panel">
      <h3>What ran, and where</h3>
      <dl class="versions">
        {facts.map(([label, value]) =>
          value === undefined ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <Name text={value} />
              </dd>
            </div>
          ),
        )}
        {instance !== undefined && (
          <div>
            <dt>Launched</dt>
            <dd>
              <Time at={instance.launchedAt} />
            </dd>
          </div>
        )}
      </dl>
    </div>
  );
}
