/** The errors of the load, counted by kind, with the first few of each. */

import { Fragment, type JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { clock, count, plural, share } from '../format.ts';
import { Name, Prose, Scroller, Section, Time } from '../ui.tsx';
import { ErrorSamples } from './error-samples.tsx';

export function ErrorTable({ summary }: { summary: Summary }): JSX.Element | null {
  const errors = summary.errors.toSorted((a, b) => b.count - a.count);
  const { unreadable } = summary;
  if (errors.length + unreadable.length === 0) return null;
  const all = errors.reduce((total, each) => total + each.count, 0);
  return (
    <Section id="errors" title="Errors">
      {errors.length > 0 && (
        <Scroller label="Errors by kind">
          <table class="errors">
            <thead>
              <tr>
                <th scope="col">Error</th>
                <th scope="col" class="number">
                  Count
                </th>
                <th scope="col" class="number">
                  Share
                </th>
                <th scope="col">First seen</th>
                <th scope="col">Last seen</th>
                <th scope="col">Example</th>
              </tr>
            </thead>
            <tbody>
              {errors.map((error) => (
                <Fragment key={error.kind}>
                  <tr>
                    <th scope="row">
                      <Name text={error.kind} />
                    </th>
                    <td class="number">{count(error.count)}</td>
                    <td class="number">{share(error.count / all)}</td>
                    <td>
                      <Time at={error.firstMs} format={clock} />
                    </td>
                    <td>
                      <Time at={error.lastMs} format={clock} />
                    </td>
                    <td>{error.example === undefined ? '–' : <Name text={error.example} />}</td>
                  </tr>
                  {error.samples !== undefined && (
                    <tr class="samples">
                      <td colSpan={6}>
                        <ErrorSamples error={error} samples={error.samples} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </tbody>
          </table>
        </Scroller>
      )}
      {errors.some(({ samples }) => samples === undefined) && (
        <p class="hint">
          Where there is no example, the engine only counts the errors: it does not say which
          requests they were.
        </p>
      )}
      {unreadable.map(({ file, count: rows, example }) => (
        <p key={file} class="hint">
          {plural(rows, 'row')} of <Name text={file} /> could not be read, such as{' '}
          <Prose text={example.slice(0, 200)} />
        </p>
      ))}
    </Section>
  );
}
