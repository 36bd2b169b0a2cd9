/**
 * The paths of a run folder. Phases and processes hand their results to each other only through
 * these files.
 */

import { join } from 'node:path';

export type RunFolder = Readonly<{
  root: string;
  runJson: string;
  settingsJson: string;
  /**
   * The settings with their secrets, the scenario and the engine, after the preparation. Never
   * published.
   */
  resolvedJson: string;
  userData: string;
  scenarioZip: string;
  scenarioDir: string;
  engineDir: string;
  planJson: string;
  /** Created by the one supervisor that may fire. */
  firedJson: string;
  exitJson: string;
  reportDir: string;
  summaryJson: string;
  reportHtml: string;
  junitXml: string;
  nativeDir: string;
  publishJson: string;
  agentLog: string;
  /** What this member of a cluster has agreed to. */
  clusterDir: string;
  /** Copies of the other members' files, a folder for each, at the leader. */
  membersDir: string;
}>;

export function runFolder(root: string): RunFolder {
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    root,
    runJson: at('run.json'),
    settingsJson: at('settings.json'),
    resolvedJson: at('resolved.json'),
    userData: at('user-data'),
    scenarioZip: at('scenario.zip'),
    scenarioDir: at('scenario'),
    engineDir: at('engine'),
    planJson: at('engine', 'plan.json'),
    firedJson: at('engine', 'fired.json'),
    exitJson: at('engine', 'exit.json'),
    reportDir: at('report'),
    summaryJson: at('report', 'summary.json'),
    reportHtml: at('report', 'report.html'),
    junitXml: at('report', 'junit.xml'),
    nativeDir: at('report', 'native'),
    publishJson: at('publish.json'),
    agentLog: at('logs', 'agent.log'),
    clusterDir: at('cluster'),
    membersDir: at('members'),
  };
}
